// SPDX-License-Identifier: BSL-1.0
//
// lineage.test: stages, wideness and text of expressions, from their types.

#include <tidemark/expression/lineage.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace {

using tidemark::describe;
using tidemark::is_wide_v;
using tidemark::stage_count_v;
using tidemark_test::rdd_of;
using tidemark_test::stream_of;

struct letters {
    std::string operator()(std::string const& word) const { return word; }
};
struct one_each {
    std::pair<std::string, int> operator()(std::string const& word) const { return {word, 1}; }
};
struct often {
    bool operator()(std::pair<std::string, int> const& word) const { return word.second > 1; }
};
struct same {
    template <typename T>
    T operator()(T const& value) const
    {
        return value;
    }
};

/// A node that has a name of its own, as state operators have.
template <typename Parent>
struct named : tidemark::expression_base {
    struct stage {
        static constexpr std::string_view name = "video-hits";
    };
    using record_type = tidemark::record_t<Parent>;
    using level = tidemark::level_t<Parent>;
    using parents = tidemark::type_list<Parent>;
    static constexpr auto depends = tidemark::dependency::wide;
    static constexpr std::string_view name = "map_with_state";
};

template <typename Expression, typename Closure>
using piped = decltype(std::declval<Expression>() | std::declval<Closure>());

using leaf = rdd_of<std::string>;
using pairs = piped<leaf, decltype(tidemark::flat_map(letters{}) | tidemark::map([](char) { return std::string(); })
                                   | tidemark::map(one_each{}))>;
using counted = piped<pairs, decltype(tidemark::reduce_by_key(std::plus<>{}) | tidemark::filter(often{}))>;
using united = decltype(tidemark::union_(std::declval<pairs>(), std::declval<counted>()));
using total =
    piped<united, decltype(tidemark::map_values(same{}) | tidemark::map_partitions(same{}) | tidemark::count())>;

// ---- How many stages
static_assert(stage_count_v<leaf> == 1);
static_assert(stage_count_v<pairs> == 1, "narrow steps are part of the stage of what they stand on");
static_assert(stage_count_v<counted> == 2, "before and behind the exchange");
static_assert(stage_count_v<united> == 4, "1 + 2 + the union");
static_assert(stage_count_v<total> == 5);
static_assert(stage_count_v<total const&> == 5, "however the expression is passed");

// ---- Whether records change partitions
static_assert(!is_wide_v<leaf> && !is_wide_v<pairs>);
static_assert(is_wide_v<counted>);
static_assert(is_wide_v<united>, "one side is");
static_assert(!is_wide_v<decltype(tidemark::union_(std::declval<leaf>(), std::declval<leaf>()))>);
static_assert(is_wide_v<total const&>);

// ---- As text
static_assert(describe<leaf>() == "rdd\n");
static_assert(describe<piped<stream_of<int>, decltype(tidemark::count())>>()
              == "count (wide)\n"
                 "  stream\n");
static_assert(describe<total const&>()
              == "count (wide)\n"
                 "  map_partitions\n"
                 "    map_values\n"
                 "      union_\n"
                 "        map\n"
                 "          map\n"
                 "            flat_map\n"
                 "              rdd\n"
                 "        filter\n"
                 "          reduce_by_key (wide)\n"
                 "            map\n"
                 "              map\n"
                 "                flat_map\n"
                 "                  rdd\n");
static_assert(describe<named<pairs>>()
              == "map_with_state<\"video-hits\"> (wide)\n"
                 "  map\n"
                 "    map\n"
                 "      flat_map\n"
                 "        rdd\n");

} // namespace

TEST_CASE("the lineage shows each node above its parents, and which dependencies are wide", "[expression][lineage]")
{
    CHECK(std::string(describe<counted>())
          == "filter\n"
             "  reduce_by_key (wide)\n"
             "    map\n"
             "      map\n"
             "        flat_map\n"
             "          rdd\n");
}
