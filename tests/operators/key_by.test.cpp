// SPDX-License-Identifier: BSL-1.0
//
// key_by.test: each record with a key made of it.

#include <tidemark/operators/key_by.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::key_by;
using tidemark::rdd_context;
using tidemark_test::tracked;

constexpr auto length = [](std::string const& word) { return word.size(); };

// ---- What it accepts, at compile time
using fn = decltype(tidemark::key_by);
using words_t = tidemark_test::rdd_of<std::string>;
static_assert(std::invocable<fn, words_t, decltype(length)>);
static_assert(std::invocable<fn, tidemark_test::stream_of<std::string>, decltype(length)>);
static_assert(std::same_as<tidemark::record_t<std::invoke_result_t<fn, words_t, decltype(length)>>,
                           std::pair<std::size_t, std::string>>);
static_assert(!std::invocable<fn>);

} // namespace

TEST_CASE("key_by puts a key before each record", "[operators][key_by]")
{
    auto const words = rdd_context(2).parallelize(std::vector<std::string>{"ebb", "flow", ""}, 2);
    std::vector<std::pair<std::size_t, std::string>> const expected{{3, "ebb"}, {4, "flow"}, {0, ""}};
    CHECK((words | key_by(length) | collect()) == expected);
    CHECK((key_by(words, &std::string::size) | collect()) == expected);
}

TEST_CASE("key_by moves a record that nobody else holds, and reads the key before", "[operators][key_by]")
{
    auto const records =
        rdd_context().parallelize(std::vector{1, 2}, 1) | tidemark::map([](int x) { return tracked(x); });
    tracked::reset();
    auto const pairs = records | key_by([](tracked const& each) { return each.text; }) | collect();
    CHECK(tracked::copies() == 0);
    CHECK(pairs[1] == std::pair(tidemark_test::long_text(2), tracked(2)));
}
