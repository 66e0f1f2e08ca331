// SPDX-License-Identifier: BSL-1.0

#include <examples/support/hit_tracking.hpp>

#include <support/catch.hpp>
#include <tidemark/state.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using support::hits;
using support::video_hour;

struct tracking {
    tidemark::duration accept_late;

    template <typename Plays>
    auto operator()(Plays plays) const
    {
        return plays
               | tidemark::map_with_state<"hits">(tidemark::state_spec(support::track_hits{accept_late})
                                                      .timeout(support::track_hits::idle_limit(accept_late)));
    }
};

/// Batch n is at second n of 1970; `plays` says in which batches the video of that hour is played once. Gives the counts after
/// each of those plays, and the number of states left at the end.
std::vector<std::int64_t> counts(std::int64_t hour_end_s, std::int64_t accept_late_s,
                                 std::vector<std::size_t> const& plays)
{
    tidemark::testing::optional_batches<hits> input(plays.back());
    for (auto const second : plays)
        input[second - 1] = std::vector{hits(video_hour{"v", hour_end_s * 1000}, 1)};
    tidemark::testing::pipeline_under_test<hits, tracking> const pipeline(input,
                                                                          {tidemark::duration(accept_late_s * 1000)});
    std::vector<std::int64_t> found;
    for (auto const& [batch, records] : pipeline.uncut())
        for (auto const& [hour, count] : records)
            found.push_back(count);
    return found;
}

using list = std::vector<std::int64_t>;

} // namespace

TEST_CASE("plays of an hour are counted until accept_late after its end", "[examples][hit_tracking]")
{
    // The hour ends at second 2.
    CHECK(counts(2, 3, {1, 2, 3, 5, 6, 7}) == list{1, 2, 3, 4, 0, 0});
    CHECK(counts(2, 0, {2, 3}) == list{1, 0});
}

TEST_CASE("plays are counted from an hour before their hour on", "[examples][hit_tracking]")
{
    // The hour begins at second 3603.
    CHECK(counts(7203, 1, {1, 2, 3, 4}) == list{0, 0, 1, 2});
}

TEST_CASE("an hour that has been forgotten does not begin again", "[examples][hit_tracking]")
{
    // Ends at second 7201: the first play is as early as can be. Idle for two hours and a second, the state is still there in
    // batch 7202, the last one that may count; a batch later it goes, and plays are too late.
    CHECK(counts(7201, 1, {1, 7202}) == list{1, 2});
    CHECK(counts(7201, 1, {1, 7203, 7204, 7205}) == list{1, 0, 0, 0});
}
