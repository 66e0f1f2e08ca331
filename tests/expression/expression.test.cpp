// SPDX-License-Identifier: BSL-1.0
//
// expression.test: what is an expression, and what its type tells.

#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/same_slide.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace {

using tidemark_test::rdd_of;
using tidemark_test::stream_of;

using numbers = rdd_of<int>;
using counts = rdd_of<std::pair<std::string, long>>;
using ticking = stream_of<int>;

struct nameless : tidemark::expression_base {};

// ---- What is one
static_assert(tidemark::expression<numbers>);
static_assert(tidemark::expression<numbers const&>, "however it is passed");
static_assert(tidemark::expression<ticking>);
static_assert(!tidemark::expression<nameless>, "it does not name its records");
static_assert(!tidemark::expression<int>);
static_assert(tidemark::rdd_expression<numbers> && !tidemark::stream_expression<numbers>);
static_assert(tidemark::stream_expression<ticking> && !tidemark::rdd_expression<ticking>);
static_assert(!tidemark::checkpointed_stream<ticking>);
static_assert(tidemark::checkpointed_stream<stream_of<int, tidemark::static_slide<1000>, true>>);
static_assert(!tidemark::checkpointed_stream<numbers>);

// ---- Pairs
static_assert(tidemark::pair_expression<counts> && !tidemark::pair_expression<numbers>);
static_assert(std::same_as<tidemark::key_t<counts&>, std::string>);
static_assert(std::same_as<tidemark::mapped_t<counts const>, long>);

// ---- Records
static_assert(tidemark::record<int> && tidemark::record<bool> && tidemark::record<std::string>);
static_assert(!tidemark::record<int&>);
static_assert(!tidemark::record<int const>);
static_assert(!tidemark::record<void>);
static_assert(!tidemark::record<std::unique_ptr<int>>, "what two outputs read must be copied");

// ---- Slides
using second = tidemark::static_slide<1000>;
using minute = tidemark::static_slide<60'000>;
using computed = tidemark::dynamic_slide;
static_assert(std::same_as<tidemark::slide_t<ticking>, second>);
static_assert(tidemark::same_slide<stream_of<int, second>, stream_of<long, second>>::value);
static_assert(!tidemark::same_slide<stream_of<int, second>, stream_of<int, minute>>::value);
static_assert(tidemark::same_slide<stream_of<int, second>, stream_of<int, computed>>::value, "compared at start");
static_assert(tidemark::same_slide<numbers, counts>::value, "rdds do not tick");

} // namespace

TEST_CASE("an expression is told by the base of its nodes and by what they name", "[expression][expression]")
{
    CHECK(tidemark::expression<numbers>);
    CHECK_FALSE(tidemark::expression<nameless>);
}
