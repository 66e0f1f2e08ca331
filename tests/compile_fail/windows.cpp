// SPDX-License-Identifier: BSL-1.0
//
// windows: programs over windows that must not compile, and what the compiler says of each.

#include <tidemark/operators/map.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/time/literals.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using count = std::pair<std::string, int>;

struct opaque { // cannot be saved
    int* where = nullptr;
    virtual ~opaque() = default;
    friend bool operator==(opaque const&, opaque const&) { return true; }
    friend std::uint64_t tidemark_key_hash(opaque const&) { return 0; }
};
struct no_key {};

int plus(int left, int right) { return left + right; }
int minus(int all, int leaving) { return all - leaving; }
int of_texts(std::string const&, std::string const&) { return 0; }
bool not_zero(count const& pair) { return pair.second != 0; }
bool long_text(std::string const& text) { return text.size() > 9; }
opaque either(opaque const& one, opaque const&) { return one; }
std::string_view first(std::string_view one, std::string_view) { return one; }
std::string_view to_view(count const& pair) { return pair.first; }
std::pair<int, std::string_view> to_view_pair(count const& pair) { return {1, pair.first}; }

template <typename Record = count, typename Context>
auto stream_of(Context const& ssc)
{
    return ssc.source_stream(tide::testing::batch_source<Record>({}));
}

void program(tide::checkpoint_directory where)
{
    auto const ssc = tide::streaming_context(2_s, where);
    auto const plain = tide::streaming_context(2_s);
    auto const pairs = stream_of(ssc);

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::window: the window duration is not a positive multiple of the parent's slide
    // expect: positive_multiple_ms<3000, 2000>::value
    (void)(pairs | tide::reduce_by_key_and_window(plus, 3_s));
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::window: the window duration is not a positive multiple of the parent's slide
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 3_s));
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::window: the slide duration is not a positive multiple of the parent's slide
    // expect: positive_multiple_ms<3000, 2000>::value
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 4_s, 3_s, not_zero));
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::checkpoint_every: the checkpoint interval is not a multiple of the stream's slide
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 4_s, 4_s, tide::checkpoint_every(6_s)));
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::reduce_by_key_and_window: the context has no checkpoint directory
    (void)(stream_of(plain) | tide::reduce_by_key_and_window(plus, minus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::reduce_by_window: the context has no checkpoint directory
    (void)(stream_of<int>(plain) | tide::reduce_by_window(plus, minus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::count_by_window: the context has no checkpoint directory
    (void)(stream_of(plain) | tide::count_by_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::count_by_value_and_window: the context has no checkpoint directory
    (void)(stream_of(plain) | tide::count_by_value_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::reduce_by_key_and_window: the records are no pairs
    (void)(stream_of<int>(ssc) | tide::reduce_by_key_and_window(plus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: tidemark::reduce_by_key_and_window: the key cannot be hashed or compared
    (void)(stream_of<std::pair<no_key, int>>(plain) | tide::reduce_by_key_and_window(plus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: tidemark::reduce_by_key_and_window: the function cannot be called with two values
    (void)(pairs | tide::reduce_by_key_and_window(of_texts, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: tidemark::reduce_by_key_and_window: the inverse cannot be called with two values
    (void)(pairs | tide::reduce_by_key_and_window(plus, of_texts, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: tidemark::reduce_by_key_and_window: the filter cannot be called with the pair
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 4_s, 2_s, long_text));
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: tidemark::reduce_by_key_and_window: the key must be serializable to survive a restart
    (void)(stream_of<std::pair<opaque, int>>(ssc) | tide::reduce_by_key_and_window(plus, minus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: tidemark::reduce_by_key_and_window: the value must be serializable to survive a restart
    (void)(stream_of<std::pair<int, opaque>>(ssc) | tide::reduce_by_key_and_window(either, either, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: tidemark::reduce_by_key_and_window: this is an rdd, and only streams have windows
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::reduce_by_key_and_window(plus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: tidemark::reduce_by_key_and_window: the records are or hold pointers, references or views
    (void)(stream_of(plain) | tide::map([](count const& pair) { return std::pair(std::string_view(pair.first), 1); })
           | tide::reduce_by_key_and_window(plus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: tidemark::reduce_by_window: the function cannot be called with two records
    (void)(pairs | tide::reduce_by_window(plus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect: tidemark::reduce_by_window: the inverse cannot be called with two records
    (void)(stream_of<int>(ssc) | tide::reduce_by_window(plus, of_texts, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: tidemark::reduce_by_window: the record must be serializable to survive a restart
    (void)(stream_of<opaque>(ssc) | tide::reduce_by_window(either, either, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect: tidemark::reduce_by_window: this is an rdd, and only streams have windows
    (void)(tide::rdd_context().parallelize(std::vector<int>{}, 1) | tide::reduce_by_window(plus, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect: tidemark::count_by_value_and_window: the record cannot be hashed or compared
    (void)(stream_of<no_key>(ssc) | tide::count_by_value_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect: tidemark::group_by_key_and_window: the records are no pairs
    (void)(stream_of<int>(plain) | tide::group_by_key_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect: tidemark::group_by_key_and_window: the key cannot be hashed or compared
    (void)(stream_of<std::pair<no_key, int>>(plain) | tide::group_by_key_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect: tidemark::count_by_window: this is an rdd, and only streams have windows
    (void)(tide::rdd_context().parallelize(std::vector<int>{}, 1) | tide::count_by_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 26
    // expect: tidemark: a duration needs a unit: `10_s`, `500_ms`
    (void)(stream_of(plain) | tide::reduce_by_key_and_window(plus, 4, 2));
#elif TIDEMARK_EXPECT_FAILURE == 27
    // expect: tidemark: a duration needs a unit: `10_s`, `500_ms`
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 4));
#elif TIDEMARK_EXPECT_FAILURE == 28
    // expect: tidemark: a duration needs a unit: `10_s`, `500_ms`
    (void)(stream_of(plain) | tide::window(4, 2));
#elif TIDEMARK_EXPECT_FAILURE == 29
    // expect: tidemark::count_by_value_and_window: this is an rdd, and only streams have windows
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::count_by_value_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 30
    // expect: tidemark::count_by_value_and_window: the record must be serializable to survive a restart
    (void)(stream_of<opaque>(ssc) | tide::count_by_value_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 31
    // expect: tidemark::count_by_value_and_window: the records are or hold pointers, references or views
    (void)(pairs | tide::map(to_view) | tide::count_by_value_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 32
    // expect: tidemark::group_by_key_and_window: this is an rdd, and only streams have windows
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::group_by_key_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 33
    // expect: tidemark::group_by_key_and_window: the records are or hold pointers, references or views
    (void)(pairs | tide::map(to_view_pair) | tide::group_by_key_and_window(4_s));
#elif TIDEMARK_EXPECT_FAILURE == 34
    // expect: tidemark::reduce_by_window: the records are or hold pointers, references or views
    (void)(pairs | tide::map(to_view) | tide::reduce_by_window(first, 4_s));
#elif TIDEMARK_EXPECT_FAILURE == 35
    // expect: no partitioner: `partition_by(n)` before it, or settings
    (void)(pairs | tide::reduce_by_key_and_window(plus, 4_s, 2_s, tide::hash_partitioner(8)));
#elif TIDEMARK_EXPECT_FAILURE == 36
    // expect: no partitioner: `partition_by(n)` before it, or settings
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 4_s, 2_s, 8, not_zero));
#elif TIDEMARK_EXPECT_FAILURE == 37
    // expect: no partitioner: `partition_by(n)` before it, or settings
    (void)(pairs | tide::count_by_value_and_window(4_s, 2_s, 8));
#elif TIDEMARK_EXPECT_FAILURE == 38
    // expect: no partitioner: `partition_by(n)` before it, or settings
    (void)(pairs | tide::group_by_key_and_window(4_s, 2_s, 8));
#else
    (void)(stream_of(plain) | tide::reduce_by_key_and_window(plus, 4_s, 2_s));
    (void)(pairs | tide::reduce_by_key_and_window(plus, minus, 4_s, 4_s, not_zero, tide::checkpoint_every(8_s)));
    (void)(stream_of<std::pair<opaque, int>>(plain) | tide::reduce_by_key_and_window(plus, 4_s)); // nothing is saved
    (void)(stream_of<int>(plain) | tide::reduce_by_window(plus, 4_s));
    (void)(stream_of<int>(ssc) | tide::reduce_by_window(plus, minus, 4_s, 4_s, tide::checkpoint_every(8_s)));
    (void)(pairs | tide::count_by_window(4_s));
    (void)(pairs | tide::count_by_value_and_window(4_s, 4_s, tide::checkpoint_every(8_s)));
    (void)(stream_of(plain) | tide::group_by_key_and_window(4_s, 6_s));
#endif
}
