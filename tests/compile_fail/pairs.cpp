// SPDX-License-Identifier: BSL-1.0
//
// pairs: operators on pairs whose sides, keys, functions or partitioners do not fit.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using tidemark::rdd_context;

struct no_key {
    int value;
};

inline auto numbers() { return rdd_context().parallelize(std::vector{1, 2}, 1); }
inline auto pairs() { return rdd_context().parallelize(std::vector<std::pair<std::string, int>>{{"a", 1}}, 1); }
inline auto by_number() { return rdd_context().parallelize(std::vector<std::pair<int, int>>{{1, 1}}, 1); }
inline auto unhashed() { return rdd_context().parallelize(std::vector<std::pair<no_key, int>>{}, 1); }
inline auto owned() { return rdd_context().parallelize(std::vector<std::pair<int, std::string>>{{1, "a"}}, 1); }
inline auto views()
{
    return owned() | tidemark::map([](auto const& one) { return std::pair(one.first, std::string_view(one.second)); });
}

inline auto const several = [](int x) { return std::vector{x, x}; };
inline auto const rows = [](auto view) { return view; };
inline auto const view = [](std::string_view text) { return text; };
inline auto const copy = [](std::string_view text) { return std::string(text); };
inline auto const first = [](auto one, auto const&) { return one; };
inline auto const values_only = [](auto) { return std::vector<int>(); };

int main()
{
#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::join: the records of a side are no pairs; map them to std::pair(key, value) first
    auto made = pairs() | tidemark::join(numbers());
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::join: the keys of the two sides have different types; map them to one type first
    auto made = pairs() | tidemark::cogroup(by_number());
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::join: the key cannot be hashed or compared
    auto made = unhashed() | tidemark::left_outer_join(unhashed());
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::partitioner: the last argument lays out no keys of this type
    auto made = pairs() | tidemark::reduce_by_key(std::plus<>{}, std::string("8"));
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::partitioner: the last argument lays out no keys of this type
    auto made = pairs() | tidemark::partition_by(tidemark::function_partitioner(2, [](int key) { return key % 2; }));
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::group_by_key: the records are no pairs; map them to std::pair(key, value) first
    auto made = numbers() | tidemark::group_by_key();
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::combine_by_key: the second function must take (combined, value) and the third (combined, combined)
    auto made = pairs() | tidemark::combine_by_key(several, std::plus<>{}, std::plus<>{});
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::flat_map_values: the function cannot be called with the value; it must take (value const&) and give a range or an optional
    auto made = pairs() | tidemark::flat_map_values(std::negate<>{});
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::map_partitions: keep_partitioning is for functions from pairs to pairs with keys of the same type
    auto made = pairs() | tidemark::map_partitions(values_only, tidemark::keep_partitioning);
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: the other side is missing: `pairs | join(others)`
    auto made = pairs() | tidemark::join();
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: partition_by needs a partitioner: `pairs | partition_by(8)`
    auto made = pairs() | tidemark::partition_by();
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: flat_map_values needs a function: `pairs | flat_map_values(f)`
    auto made = pairs() | tidemark::flat_map_values();

    // ---- Keys that cannot be hashed, and views, which end within their stage
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: tidemark::combine_by_key: the key cannot be hashed or compared
    auto made = unhashed() | tidemark::combine_by_key(std::identity{}, std::plus<>{}, std::plus<>{});
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: tidemark::group_by_key: the key cannot be hashed or compared
    auto made = unhashed() | tidemark::group_by_key();
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: tidemark::partition_by: the key cannot be hashed or compared
    auto made = unhashed() | tidemark::partition_by(8);
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: tidemark::combine_by_key: the records are or hold pointers, references or views
    auto made = views() | tidemark::combine_by_key(std::identity{}, first, first);
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: tidemark::combine_by_key: what the first function gives is or holds pointers, references or views
    auto made = owned() | tidemark::combine_by_key(view, first, first);
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: tidemark::group_by_key: the records are or hold pointers, references or views
    auto made = views() | tidemark::group_by_key();
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect: tidemark::partition_by: the records are or hold pointers, references or views
    auto made = views() | tidemark::partition_by(8);
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: tidemark::join: the records of a side are or hold pointers, references or views
    auto made = by_number() | tidemark::join(views());
#else
    auto made = pairs() | tidemark::partition_by(8) | tidemark::map_partitions(rows, tidemark::keep_partitioning)
              | tidemark::flat_map_values(several) | tidemark::join(pairs() | tidemark::reduce_by_key(std::plus<>{}, 8))
              | tidemark::cogroup(pairs() | tidemark::group_by_key()) | tidemark::subtract_by_key(pairs());
    static_cast<void>(owned() | tidemark::combine_by_key(copy, first, first) | tidemark::join(by_number()));
#endif
    static_cast<void>(made);
}
