// Commits that can be recognised: what a writer's n-th transaction writes, and what of it a store
// holds.
#pragma once

#include <string>
#include <vector>

#include "service/domain/ports/store.h"

namespace winnow::rocks {

// A writer's own, so that writers do not conflict.
std::string Tenant(int writer);

// Three keys of one transaction.
void WriteCommit(int n, domain::Transaction* transaction);

// How many of a writer's commits the store holds, from 0 on without a gap. Appends to `broken`, in
// words, what cannot come of whole transactions in order.
int CountCommits(domain::Store* store, int writer, std::vector<std::string>* broken);

}  // namespace winnow::rocks
