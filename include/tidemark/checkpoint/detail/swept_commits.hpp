// SPDX-License-Identifier: BSL-1.0
//
// swept_commits: which commits of a log lack files as usual, since retention has swept them.

#pragma once

#include <tidemark/checkpoint/checkpoint_inspection.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <set>

namespace tidemark::detail {

/// Sets `swept` of those commits. Nothing is swept while no start could go on.
///
/// Retention sweeps the files of the oldest commit first: one without a file behind another with all of them is damaged.
template <storage Storage>
void find_swept(checkpoint_inspection& found, Storage const& storage, std::size_t retained)
{
    if (!found.chosen)
        return;
    auto const lacks_file = [&storage](inspected_commit const& commit) {
        return std::any_of(commit.files.begin(), commit.files.end(),
                           [&storage](auto const& file) { return !storage.exists(file); });
    };
    auto const is_whole = [&lacks_file](inspected_commit const& commit) {
        return !commit.files.empty() && !commit.given_up && !lacks_file(commit);
    };
    auto& commits = found.commits;
    std::set<batch_time> later; // a start writes the commit from which it goes on once more
    for (auto i = commits.size(); i != 0; --i) {
        auto& commit = commits[i - 1];
        commit.swept = later.size() - later.count(commit.time) >= std::max<std::size_t>(retained, 1)
                       && i - 1 < *found.chosen && !commit.given_up && lacks_file(commit);
        if (!commit.given_up)
            later.insert(commit.time);
    }
    for (auto at = std::find_if(commits.begin(), commits.end(), is_whole); at != commits.end(); ++at)
        at->swept = false;
}

} // namespace tidemark::detail
