// SPDX-License-Identifier: BSL-1.0
//
// unkeyed: steps and actions without keys that do not fit the records, each refused by the name of what is asked of it.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using tidemark::rdd_context;

struct plain {
    int value;
};

inline auto numbers() { return rdd_context().parallelize(std::vector{1, 2}, 1); }
inline auto words() { return rdd_context().parallelize(std::vector<std::string>{"a"}, 1); }
inline auto plains() { return rdd_context().parallelize(std::vector<plain>{}, 1); }
inline auto views()
{
    return words() | tidemark::map([](std::string const& word) { return std::string_view(word); });
}

inline auto view_pairs()
{
    return words() | tidemark::map([](std::string const& word) { return std::pair(1, std::string_view(word)); });
}

inline auto const size = [](std::string const& word) { return word.size(); };
inline auto const first = [](auto const& one, auto const&) { return one; };
inline auto const owned = [](std::string_view view) { return std::string(view); };

int main()
{
#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::reduce: the function cannot be called with two records, or the records cannot be assigned; it must take (record const&, record const&) and give a record
    auto made = words() | tidemark::reduce(size);
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::count_by_value: the record cannot be hashed or compared
    auto made = plains() | tidemark::count_by_value();
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::distinct: the record cannot be hashed or compared
    auto made = plains() | tidemark::distinct();
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::sort_by: the projection cannot be called with the record, or what it gives cannot be ordered
    auto made = plains() | tidemark::sort_by(std::identity());
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::sort_by_key: the records are no pairs; map them to std::pair(key, value) first, or use sort_by
    auto made = numbers() | tidemark::sort_by_key();
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::map_partitions_with_index: the function cannot be called with the partition
    auto made = words() | tidemark::map_partitions_with_index(size);
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::key_by: the function cannot be called with the record; it must take (record const&) and give a key
    auto made = numbers() | tidemark::key_by(size);
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::intersection, subtract: the two expressions have records of different types
    auto made = numbers() | tidemark::subtract(words());
#elif TIDEMARK_EXPECT_FAILURE == 49
    // expect: tidemark::sort_by_key: the keys cannot be ordered; give them <, or use sort_by
    auto made = plains() | tidemark::map([](plain one) { return std::pair(one, 1); }) | tidemark::sort_by_key();

    // ---- Actions
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::reduce_records: the function cannot be called with two records
    auto made = words() | tidemark::reduce_records(size);
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: tidemark::fold_records: the function cannot be called with two records
    auto made = words() | tidemark::fold_records("", size);
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: tidemark::aggregate_records: the first function cannot be called with the value and a record
    auto made = words() | tidemark::aggregate_records(0, size, std::plus<>());
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: tidemark::aggregate_records: the second function cannot be called with two values
    auto made = numbers() | tidemark::aggregate_records(0, std::plus<>(), size);
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: tidemark::take_ordered: the order cannot be called with two records, or they have no <
    auto made = plains() | tidemark::take_ordered(2);
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: tidemark::for_each: the function cannot be called with the record
    auto made = 0;
    numbers() | tidemark::for_each(size);
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: tidemark::for_each_partition: the function cannot be called with the partition
    auto made = 0;
    numbers() | tidemark::for_each_partition(size);
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: tidemark::collect_as_map: the records are no pairs, or the key has no <, or the value cannot be assigned
    auto made = numbers() | tidemark::collect_as_map();

    // ---- The usual slips: the advice stands on the line that the compiler shows
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: repartition needs a number: `records | repartition(8)`
    auto made = words() | tidemark::repartition();
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: sample needs a fraction and a seed: `records | sample(0.1, 42)`
    auto made = words() | tidemark::sample();
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect: call the operator: `records | map(f)`, `records | count()`
    auto made = words() | tidemark::glom;
#elif TIDEMARK_EXPECT_FAILURE == 28
    // expect: map_partitions_with_index needs a function: `records | map_partitions_with_index(f)`
    auto made = words() | tidemark::map_partitions_with_index();
#elif TIDEMARK_EXPECT_FAILURE == 29
    // expect: key_by needs a function: `records | key_by(f)`
    auto made = words() | tidemark::key_by();
#elif TIDEMARK_EXPECT_FAILURE == 30
    // expect: sort_by needs a projection: `records | sort_by(f)`
    auto made = words() | tidemark::sort_by();
#elif TIDEMARK_EXPECT_FAILURE == 31
    // expect: reduce needs a function: `records | reduce(f)`
    auto made = words() | tidemark::reduce();
#elif TIDEMARK_EXPECT_FAILURE == 32
    // expect: coalesce needs a number: `records | coalesce(2)`
    auto made = words() | tidemark::coalesce();
#elif TIDEMARK_EXPECT_FAILURE == 33
    // expect: the other expression is missing: `first | intersection(second)`, `subtract(second)`
    auto made = words() | tidemark::intersection();
#elif TIDEMARK_EXPECT_FAILURE == 34
    // expect: zip needs the other expression: `first | zip(second)`
    auto made = words() | tidemark::zip();
#elif TIDEMARK_EXPECT_FAILURE == 35
    // expect: cartesian needs the other expression: `first | cartesian(second)`
    auto made = words() | tidemark::cartesian();
#elif TIDEMARK_EXPECT_FAILURE == 36
    // expect: union_all needs a list: `union_all(std::vector{first, second, third})`
    auto made = tidemark::union_all();
#elif TIDEMARK_EXPECT_FAILURE == 37
    // expect: reduce_records needs a function: `records | reduce_records(f)`
    auto made = words() | tidemark::reduce_records();
#elif TIDEMARK_EXPECT_FAILURE == 38
    // expect: fold_records needs a value and a function: `records | fold_records(0, f)`
    auto made = words() | tidemark::fold_records();
#elif TIDEMARK_EXPECT_FAILURE == 39
    // expect: take_ordered needs a number: `records | take_ordered(10)`
    auto made = words() | tidemark::take_ordered();
#elif TIDEMARK_EXPECT_FAILURE == 40
    // expect: for_each needs a function: `records | for_each(f)`
    auto made = 0;
    words() | tidemark::for_each();
#elif TIDEMARK_EXPECT_FAILURE == 41
    // expect: for_each_partition needs a function: `records | for_each_partition(f)`
    auto made = 0;
    words() | tidemark::for_each_partition();

    // ---- Views end within their stage
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: tidemark::glom: the records are or hold pointers, references or views
    auto made = views() | tidemark::glom();
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect: tidemark::repartition: the records are or hold pointers, references or views
    auto made = views() | tidemark::repartition(2);
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect: tidemark::sort_by: the records are or hold pointers, references or views
    auto made = views() | tidemark::sort_by(std::identity());
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect: tidemark::distinct: the records are or hold pointers, references or views
    auto made = view_pairs() | tidemark::distinct();
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect: tidemark::count_by_value: the records are or hold pointers, references or views
    auto made = view_pairs() | tidemark::count_by_value();
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect: tidemark::zip: one is an rdd and the other a stream, or the records are or hold pointers, references or views
    auto made = words() | tidemark::zip(views());
#elif TIDEMARK_EXPECT_FAILURE == 26
    // expect: tidemark::cartesian: one is an rdd and the other a stream, or the records are or hold pointers, references or views
    auto made = views() | tidemark::cartesian(words());
#elif TIDEMARK_EXPECT_FAILURE == 27
    // expect: tidemark::first_record: the records are or hold pointers, references or views
    auto made = views() | tidemark::first_record();
#elif TIDEMARK_EXPECT_FAILURE == 42
    // expect: tidemark::reduce: the records are or hold pointers, references or views
    auto made = views() | tidemark::reduce(first);
#elif TIDEMARK_EXPECT_FAILURE == 43
    // expect: tidemark::sort_by_key: the records are or hold pointers, references or views
    auto made = view_pairs() | tidemark::sort_by_key();
#elif TIDEMARK_EXPECT_FAILURE == 44
    // expect: tidemark::reduce_records: the records are or hold pointers, references or views
    auto made = views() | tidemark::reduce_records(first);
#elif TIDEMARK_EXPECT_FAILURE == 45
    // expect: tidemark::fold_records: the records are or hold pointers, references or views
    auto made = views() | tidemark::fold_records("", first);
#elif TIDEMARK_EXPECT_FAILURE == 46
    // expect: tidemark::top: the records are or hold pointers, references or views
    auto made = views() | tidemark::top(2);
#elif TIDEMARK_EXPECT_FAILURE == 47
    // expect: tidemark::take_ordered: the records are or hold pointers, references or views
    auto made = views() | tidemark::take_ordered(2);
#elif TIDEMARK_EXPECT_FAILURE == 48
    // expect: tidemark::collect_as_map: the records are or hold pointers, references or views
    auto made = view_pairs() | tidemark::collect_as_map();
#else
    auto made = words() | tidemark::reduce(std::plus<>()) | tidemark::distinct() | tidemark::sort_by(size)
                | tidemark::repartition(2) | tidemark::key_by(size) | tidemark::sort_by_key()
                | tidemark::count_by_value() | tidemark::sample(0.5, 1) | tidemark::glom();
    static_cast<void>(words() | tidemark::zip(numbers()) | tidemark::collect_as_map());
    static_cast<void>(words() | tidemark::cartesian(numbers()) | tidemark::coalesce(2) | tidemark::sort_by_key());
    static_cast<void>(tidemark::union_all(std::vector{words(), words()}) | tidemark::intersection(words()));
    static_cast<void>(views() | tidemark::map(owned) | tidemark::reduce_records(first));
    static_cast<void>(views() | tidemark::map(owned) | tidemark::fold_records("", first));
    static_cast<void>(numbers() | tidemark::aggregate_records(0, std::plus<>(), std::plus<>()));
    static_cast<void>(numbers() | tidemark::take_ordered(2));
    words() | tidemark::for_each(size);
    static_cast<void>(words() | tidemark::map_partitions_with_index([](std::size_t, auto view) { return view; }));
    words() | tidemark::for_each_partition([](auto const&) {});
#endif
    static_cast<void>(made);
}
