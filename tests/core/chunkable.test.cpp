// SPDX-License-Identifier: BSL-1.0
//
// chunkable: who travels in chunks.

#include <tidemark/core/chunkable.hpp>

#include <support/catch.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace chunkable_test {

using tidemark::chunkable;

struct point {
    double x, y;
};
struct counts_copies {
    counts_copies(counts_copies const&);
};
struct cleans_up {
    ~cleans_up();
};
struct only_moves {
    only_moves(only_moves&&) = default;
    only_moves(only_moves const&) = delete;
};

static_assert(chunkable<int>);
static_assert(chunkable<point>);
static_assert(chunkable<int*>, "what may not be saved may still travel");
static_assert(chunkable<std::pair<std::int64_t, double>>, "though std::is_trivially_copyable says no");
static_assert(chunkable<std::tuple<int, std::pair<char, float>, double>>);
static_assert(chunkable<std::array<std::int64_t, 8>>, "64 bytes fit");
static_assert(!chunkable<std::array<std::int64_t, 9>>, "72 bytes do not");
static_assert(!chunkable<std::array<char, 65>>);
static_assert(!chunkable<std::string>);
static_assert(!chunkable<std::pair<int, std::string>>);
static_assert(!chunkable<std::unique_ptr<int>>);
static_assert(!chunkable<counts_copies>);
static_assert(!chunkable<cleans_up>);
static_assert(!chunkable<only_moves>);
static_assert(!chunkable<int&>);
static_assert(!chunkable<void>);
static_assert(!chunkable<int()>);

} // namespace chunkable_test

TEST_CASE("a pair of numbers is chunkable though it is not trivially copyable", "[core][chunkable]")
{
    using pair = std::pair<int, int>;
    CHECK(tidemark::chunkable<pair>);
    CHECK(std::is_trivially_copy_constructible_v<pair>);
}
