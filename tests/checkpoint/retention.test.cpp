// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/retention.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace {

using tidemark::batch_time;
using tidemark::file_id;

file_id segment(std::uint32_t number) { return {1, number}; }

tidemark::retained_segment plain(std::uint32_t number)
{
    return {{segment(number), number, 0, 0}, std::nullopt, false};
}

tidemark::retained_commit commit(std::int64_t time, std::uint32_t in_segment)
{
    return {batch_time(time), segment(in_segment), {{1, static_cast<std::uint32_t>(time)}}};
}

using ids = std::vector<file_id>;

} // namespace

TEST_CASE("nothing expires before k commits stand", "[checkpoint][retention]")
{
    tidemark::retention kept(3);
    for (std::uint32_t n = 1; n <= 3; ++n) {
        kept.add_segment(plain(n));
        kept.add_state_file({1, n});
    }
    kept.add_state_file({1, 77}); // of a commit that failed
    kept.add_commit(commit(1, 1));
    kept.add_commit(commit(2, 2));
    CHECK(kept.expired_segments() == ids{});
    CHECK(kept.expired_state_files() == ids{});

    kept.add_commit(commit(3, 3));
    CHECK(kept.expired_state_files() == ids{{1, 77}});
}

TEST_CASE("the k newest commits keep what they need, and the one before them does not", "[checkpoint][retention]")
{
    tidemark::retention kept(2);
    for (std::uint32_t n = 1; n <= 5; ++n) {
        kept.add_segment(plain(n));
        kept.add_state_file({1, n});
        kept.add_commit(commit(n, n));
    }
    CHECK(kept.commits().size() == 2);
    CHECK(kept.expired_segments() == ids{segment(1), segment(2), segment(3)});
    CHECK(kept.expired_state_files() == ids{{1, 1}, {1, 2}, {1, 3}});

    kept.forget_segments(kept.expired_segments());
    kept.forget_state_file({1, 2});
    CHECK(kept.expired_segments() == ids{});
    CHECK(kept.expired_state_files() == ids{{1, 1}, {1, 3}});
    CHECK(kept.segments().size() == 2);
}

TEST_CASE("a segment stays while a plan or done in it is later than the oldest kept commit", "[checkpoint][retention]")
{
    tidemark::retention kept(1);
    kept.add_segment(plain(1));
    kept.add_record(batch_time(9));
    kept.add_record(batch_time(4)); // an older record does not shorten the stay
    kept.add_segment(plain(2));
    kept.add_segment(plain(3));

    kept.add_commit(commit(8, 3));
    CHECK(kept.expired_segments() == ids{});
    kept.add_commit(commit(9, 3));
    CHECK(kept.expired_segments() == ids{segment(1)});
}

TEST_CASE("the two newest segments never expire", "[checkpoint][retention]")
{
    tidemark::retention kept(1);
    kept.add_segment(plain(1));
    kept.add_segment(plain(2));
    kept.add_commit(commit(1, 2));
    CHECK(kept.expired_segments() == ids{});
    kept.add_segment(plain(3));
    CHECK(kept.expired_segments() == ids{segment(1)});
}

TEST_CASE("evidence of damage stays until k commits stand", "[checkpoint][retention]")
{
    tidemark::retention kept(2);
    kept.add_segment({{segment(1), 1, 0, 0}, std::nullopt, true});
    kept.add_segment(plain(2));
    kept.add_segment(plain(3));
    kept.add_commit(commit(1, 3));
    CHECK(kept.expired_segments() == ids{});
    kept.add_commit(commit(2, 3));
    CHECK(kept.expired_segments() == ids{segment(1)});
}

TEST_CASE("a commit replaces those that a fallback gave up", "[checkpoint][retention]")
{
    tidemark::retention kept(3);
    kept.add_segment(plain(1));
    kept.add_commit(commit(1, 1));
    kept.add_commit(commit(2, 1));
    kept.add_commit(commit(3, 1));
    kept.add_commit(commit(2, 1));
    REQUIRE(kept.commits().size() == 2);
    CHECK(kept.commits().back().time == batch_time(2));
}
