// SPDX-License-Identifier: BSL-1.0
//
// operators: steps that do not fit the records, each refused by the name of what is asked of it.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using tidemark::rdd_context;

struct no_key {
    int value;
};

inline auto numbers() { return rdd_context().parallelize(std::vector{1, 2}, 1); }
inline auto words() { return rdd_context().parallelize(std::vector<std::string>{"a"}, 1); }
inline auto pairs() { return rdd_context().parallelize(std::vector<std::pair<std::string, int>>{{"a", 1}}, 1); }
inline auto unhashed() { return rdd_context().parallelize(std::vector<std::pair<no_key, int>>{}, 1); }

inline auto const size = [](std::string const& word) { return word.size(); };
inline auto const is_long = [](std::string const& word) { return word.size() > 9; };
inline auto const letters = [](std::string const& word) { return word; };

int main()
{
#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::map: the function cannot be called with the record; it must take (record const&) and give a value
    auto made = numbers() | tidemark::map(size);
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::flat_map: the function cannot be called with the record; it must take (record const&) and give a range or an optional
    auto made = numbers() | tidemark::flat_map(letters);
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::filter: the predicate cannot be called with the record; it must take (record const&) and give a bool
    auto made = numbers() | tidemark::filter(is_long);
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::map_values: the function cannot be called with the value; it must take (value const&) and give a value
    auto made = pairs() | tidemark::map_values(size);
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::map_partitions: the function cannot be called with the partition
    auto made = words() | tidemark::map_partitions(size);
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::reduce_by_key: the function cannot be called with two values; it must take (value const&, value const&) and give a value
    auto made = pairs() | tidemark::reduce_by_key(size);
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::union_: the two expressions have records of different types, or one is an rdd and the other a stream
    auto made = numbers() | tidemark::union_(words());
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::top: the projection cannot be called with the record, or what it gives cannot be ordered
    auto made = numbers() | tidemark::top(3, size);

    // ---- By key, of records that are no pairs or have no key to go by
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::map_values: the records are no pairs; map them to std::pair(key, value) first
    auto made = numbers() | tidemark::map_values(std::negate<>{});
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: tidemark::reduce_by_key: the records are no pairs; map them to std::pair(key, value) first
    auto made = numbers() | tidemark::reduce_by_key(std::plus<>{});
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: tidemark::reduce_by_key: the key cannot be hashed or compared
    auto made = unhashed() | tidemark::reduce_by_key(std::plus<>{});

    // ---- What a function gives
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: tidemark::flat_map: the function cannot be called with the record; it must take (record const&) and give a range or an optional
    auto made = words() | tidemark::flat_map(size);
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: tidemark::map: the function cannot be called with the record; it must take (record const&) and give a value
    auto made = words() | tidemark::map([](std::string const&) {});

    // ---- The usual slips: the advice stands on the line that the compiler shows
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: map needs a function: `records | map(f)`
    auto made = words() | tidemark::map();
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: reduce_by_key needs a function: `pairs | reduce_by_key(f)`
    auto made = pairs() | tidemark::reduce_by_key();
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: union_ needs the other expression: `first | union_(second)`
    auto made = words() | tidemark::union_();
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: top needs a number: `records | top(10)`
    auto made = words() | tidemark::top();
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: call the operator: `records | map(f)`, `records | count()`
    auto made = words() | tidemark::count;
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect: call the operator: `map(f) | count()`
    auto made = tidemark::map(size) | tidemark::collect;
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: the expression stands on the left of the pipe: `records | map(f)`
    auto made = tidemark::map(size) | words();
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect: two expressions are united by `first | union_(second)`
    auto made = words() | words();
#elif TIDEMARK_EXPECT_FAILURE == 31
    // expect: filter needs a predicate: `records | filter(predicate)`
    auto made = words() | tidemark::filter();
#elif TIDEMARK_EXPECT_FAILURE == 32
    // expect: flat_map needs a function: `records | flat_map(f)`
    auto made = words() | tidemark::flat_map();
#elif TIDEMARK_EXPECT_FAILURE == 33
    // expect: map_values needs a function: `pairs | map_values(f)`
    auto made = pairs() | tidemark::map_values();
#elif TIDEMARK_EXPECT_FAILURE == 34
    // expect: map_partitions needs a function: `records | map_partitions(f)`
    auto made = words() | tidemark::map_partitions();
#elif TIDEMARK_EXPECT_FAILURE == 35
    // expect: take needs a number: `records | take(10)`
    auto made = words() | tidemark::take();

    // ---- Views end within their stage
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect: tidemark::collect: the records are or hold pointers, references or views
    auto made = words() | tidemark::map([](std::string const& word) { return std::string_view(word); }) | tidemark::collect();
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect: tidemark::take: the records are or hold pointers, references or views
    auto made = words() | tidemark::map([](std::string const& word) { return std::pair(1, word.c_str()); }) | tidemark::take(1);
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect: tidemark::reduce_by_key: the records are or hold pointers, references or views
    auto made = words() | tidemark::map([](std::string const& word) { return std::pair(1, std::string_view(word)); })
              | tidemark::reduce_by_key([](std::string_view one, std::string_view) { return one; });

    // ---- What cannot be copied
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect: and give a value, and both the function and the value must be copyable
    auto made = numbers() | tidemark::map([](int x) { return std::make_unique<int>(x); });
#elif TIDEMARK_EXPECT_FAILURE == 26
    // expect: and give a value, and both the function and the value must be copyable
    auto made = pairs() | tidemark::map_values([more = std::make_unique<int>(1)](int x) { return x + *more; });

    // ---- What may throw is not called for what a filter has dropped
#elif TIDEMARK_EXPECT_FAILURE == 27
    // expect: tidemark::speculative: the function may throw, and it is called with records that a filter has dropped
    auto made = numbers() | tidemark::map(tidemark::speculative([](int x) { return 100 / x; }));
#elif TIDEMARK_EXPECT_FAILURE == 28
    // expect: tidemark::speculative: the function may throw, and it is called with records that a filter has dropped
    auto made = numbers() | tidemark::filter(tidemark::speculative([](int x) { return x > 0; }));
#elif TIDEMARK_EXPECT_FAILURE == 29
    // expect: tidemark::speculative: the function may throw, and it is called with records that a filter has dropped
    auto made = pairs() | tidemark::map_values(tidemark::speculative(std::negate<int>{}));
#elif TIDEMARK_EXPECT_FAILURE == 30
    // expect: speculative needs a function: `map(speculative(f))`
    auto made = numbers() | tidemark::map(tidemark::speculative());
#else
    auto made = words() | tidemark::map(size) | tidemark::filter([](std::size_t length) { return length > 9; })
              | tidemark::union_(words() | tidemark::flat_map(letters) | tidemark::map([](char c) { return std::size_t(c); }))
              | tidemark::map([](std::size_t length) { return std::pair(length, 1); }) | tidemark::reduce_by_key(std::plus<>{})
              | tidemark::map_values(tidemark::speculative(std::negate<>{})) | tidemark::map_partitions(std::identity{});
    static_cast<void>(made | tidemark::top(3, &std::pair<std::size_t, int>::second));
    static_cast<void>(made | tidemark::count() | tidemark::collect());
    static_cast<void>(made | tidemark::take(10));
#endif
    static_cast<void>(made);
}
