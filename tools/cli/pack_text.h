// What commands say of packs alike.
#pragma once

#include <string>

#include "engine/pack/pack.h"

namespace winnow::cli {

// "release 7, valid from 2026-11-25T09:00:00Z to ..., signed by 0123456789abcdef".
std::string ReleaseText(const pack::Release& release);
// An object with sequence, issueTime, expireTime and signers.
std::string ReleaseJson(const pack::Release& release);

}  // namespace winnow::cli
