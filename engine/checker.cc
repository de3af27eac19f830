#include "engine/checker.h"
