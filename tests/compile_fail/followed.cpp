// SPDX-License-Identifier: BSL-1.0
//
// followed: steps that break a rule, with another step behind each. The rule is all that the compiler complains of.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/time/literals.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using count = std::pair<std::string, int>;

struct no_key {};

struct opaque { // cannot be saved
    int* where = nullptr;
    virtual ~opaque() = default;
};

std::size_t size(std::string const& text) { return text.size(); }
int add(int left, int right) { return left + right; }
int of_texts(std::string const&, std::string const&) { return 0; }

int track_text(std::string const&, std::optional<std::string>, tide::state<int>&) { return 0; }
int track_timed(tide::batch_time, std::string const&, std::optional<int>, tide::state<int>&) { return 0; }
void track_silently(std::string const&, std::optional<int>, tide::state<int>&) {}
int track_opaque(std::string const&, std::optional<int>, tide::state<opaque>&) { return 0; }
int track_no_key(no_key const&, std::optional<int>, tide::state<int>&) { return 0; }
std::optional<int> track(tide::batch_time, std::string const&, std::optional<int> value, tide::state<int>&)
{
    return value;
}

std::optional<int> update(std::vector<int> const&, std::optional<int> before) { return before; }
std::optional<int> update_texts(std::vector<std::string> const&, std::optional<int> before) { return before; }
std::optional<opaque> update_opaque(std::vector<int> const&, std::optional<opaque>) { return {}; }
long update_for_good(std::vector<int> const&, std::optional<long> before) { return before.value_or(0); }
int update_timed(tide::batch_time, std::string const&, std::vector<int> const&, std::optional<int>) { return 0; }

std::pair<int, std::string_view> to_views(count const& pair) { return {1, pair.first}; }

template <typename Record, typename Context>
auto stream_of(Context const& ssc)
{
    return ssc.template source_stream<"in">(tide::testing::batch_source<Record>({}));
}

void program(tide::checkpoint_directory where)
{
    auto const ssc = tide::streaming_context(2_s, where);
    auto const plain = tide::streaming_context(2_s);
    auto const rc = tide::rdd_context(1);
    auto const numbers = stream_of<int>(ssc);
    auto const texts = stream_of<std::string>(ssc);
    auto const pairs = stream_of<count>(ssc);
    auto const keyless = stream_of<no_key>(ssc);
    auto const next = tide::filter([](auto const&) { return true; });
    auto const out = tide::foreach_rdd<"out">([](auto const&) {});

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect alone: tidemark::map: the function cannot be called with the record
    (void)(numbers | tide::map(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect alone: tidemark::flat_map: the function cannot be called with the record
    (void)(numbers | tide::flat_map(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect alone: tidemark::filter: the predicate cannot be called with the record
    (void)(numbers | tide::filter(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect alone: tidemark::map_values: the records are no pairs
    (void)(numbers | tide::map_values(std::negate<>{}) | next);
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect alone: tidemark::flat_map_values: the records are no pairs
    (void)(numbers | tide::flat_map_values(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect alone: tidemark::map_partitions: the function cannot be called with the partition
    (void)(numbers | tide::map_partitions(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect alone: tidemark::map_partitions_with_index: the function cannot be called with the partition
    (void)(numbers | tide::map_partitions_with_index(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect alone: tidemark::key_by: the function cannot be called with the record
    (void)(numbers | tide::key_by(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect alone: tidemark::reduce: the function cannot be called with two records
    (void)(numbers | tide::reduce(of_texts) | next);
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect alone: tidemark::count_by_value: the record cannot be hashed or compared
    (void)(keyless | tide::count_by_value() | next);
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect alone: tidemark::distinct: the record cannot be hashed or compared
    (void)(keyless | tide::distinct() | next);
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect alone: tidemark::sort_by: the projection cannot be called with the record
    (void)(numbers | tide::sort_by(size) | next);
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect alone: tidemark::sort_by_key: the records are no pairs
    (void)(numbers | tide::sort_by_key() | next);
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect alone: tidemark::union_: the two expressions have records of different types
    (void)(numbers | tide::union_(texts) | next);
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect alone: tidemark::intersection, subtract: the two expressions have records of different types
    (void)(numbers | tide::intersection(texts) | next);
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect alone: tidemark::reduce_by_key: the records are no pairs
    (void)(numbers | tide::reduce_by_key(add) | next);
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect alone: tidemark::group_by_key: the records are no pairs
    (void)(numbers | tide::group_by_key() | next);
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect alone: tidemark::combine_by_key: the records are no pairs
    (void)(numbers | tide::combine_by_key(std::identity{}, add, add) | next);
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect alone: tidemark::combine_by_key: the first function cannot be called with a value
    (void)(pairs | tide::combine_by_key(size, add, add) | next);
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect alone: tidemark::partition_by: the records are no pairs
    (void)(numbers | tide::partition_by(4) | next);
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect alone: tidemark::join: the records of a side are no pairs
    (void)(numbers | tide::join(numbers) | next);
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect alone: tidemark::map_with_state: the records are no pairs
    (void)(numbers | tide::map_with_state<"n">(tide::state_spec([](int const&, std::optional<int>, tide::state<int>&) {
               return 0;
           }))
           | next);
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect alone: tidemark::map_with_state: the argument is no state_spec
    (void)(pairs | tide::map_with_state<"n">(add) | next);
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect alone: tidemark::update_state_by_key: the records are no pairs
    (void)(numbers | tide::update_state_by_key<"n">(add).num_partitions(3) | next);
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect alone: tidemark::transform: the function gives no rdd
    (void)(numbers | tide::transform([](auto const&) { return 1; }) | next);
#elif TIDEMARK_EXPECT_FAILURE == 26
    // expect alone: tidemark::transform: the function cannot be called with the batch
    (void)(numbers | tide::transform([](std::string const&) { return 1; }) | next);
#elif TIDEMARK_EXPECT_FAILURE == 27
    // expect alone: tidemark::window: the window duration is not a positive multiple of the parent's slide
    (void)(numbers | tide::window(3_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 28
    // expect alone: tidemark::group_by_key_and_window: the records are no pairs
    (void)(numbers | tide::group_by_key_and_window(4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 29
    // expect alone: tidemark::reduce_by_key_and_window: the records are no pairs
    (void)(numbers | tide::reduce_by_key_and_window(add, 4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 30
    // expect alone: tidemark::reduce_by_key_and_window: the context has no checkpoint directory
    (void)(stream_of<count>(plain) | tide::reduce_by_key_and_window(add, add, 4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 31
    // expect alone: tidemark::reduce_by_window: the function cannot be called with two records
    (void)(numbers | tide::reduce_by_window(of_texts, 4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 32
    // expect alone: tidemark::reduce_by_window: the context has no checkpoint directory
    (void)(stream_of<int>(plain) | tide::reduce_by_window(add, add, 4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 33
    // expect alone: tidemark::count_by_window: the context has no checkpoint directory
    (void)(stream_of<int>(plain) | tide::count_by_window(4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 34
    // expect alone: tidemark::count_by_value_and_window: the context has no checkpoint directory
    (void)(stream_of<int>(plain) | tide::count_by_value_and_window(4_s) | next);
#elif TIDEMARK_EXPECT_FAILURE == 35
    // expect alone: tidemark::checkpoint: the context has no checkpoint directory
    (void)(rc.parallelize(std::vector{1}) | tide::checkpoint() | next);
#elif TIDEMARK_EXPECT_FAILURE == 36
    // expect alone: tidemark::local_checkpoint: the records cannot be saved
    (void)(rc.parallelize(std::vector<opaque>()) | tide::local_checkpoint() | next);
#elif TIDEMARK_EXPECT_FAILURE == 37
    // expect alone: tidemark::persist: records that cannot be saved can be kept in memory only
    (void)(rc.parallelize(std::vector<opaque>()) | tide::persist(tide::storage_level::disk_only) | next);
#elif TIDEMARK_EXPECT_FAILURE == 38
    // expect alone: tidemark::foreach_rdd: the function cannot be called with the batch
    (void)ssc.application(numbers | tide::foreach_rdd<"out">([](std::string const&) {}));
#elif TIDEMARK_EXPECT_FAILURE == 39
    // expect alone: tidemark::save_in_transactions: the sink begins no transactions
    (void)ssc.application(numbers | tide::save_in_transactions<"out">(1) | tide::exactly_once());

    // ---- Whole programs
#elif TIDEMARK_EXPECT_FAILURE == 40
    // expect alone: tidemark::map_with_state: the function takes the batch_time, and its result is no std::optional
    (void)ssc.application(pairs | tide::map_with_state<"n">(tide::state_spec(track_timed)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 41
    // expect alone: tidemark::map_with_state: the function cannot be called with the record
    (void)ssc.application(pairs | tide::map_with_state<"n">(tide::state_spec(track_text)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 42
    // expect alone: tidemark::map_with_state: the function cannot be called with the record
    (void)ssc.application(pairs | tide::map_with_state<"n">(tide::state_spec(track_silently)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 43
    // expect alone: tidemark::map_with_state: the state must be serializable to survive a restart
    (void)ssc.application(pairs | tide::map_with_state<"n">(tide::state_spec(track_opaque)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 44
    // expect alone: tidemark::map_with_state: the key cannot be hashed or compared
    (void)ssc.application(stream_of<std::pair<no_key, int>>(ssc)
                          | tide::map_with_state<"n">(tide::state_spec(track_no_key)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 45
    // expect alone: tidemark::map_with_state: the context has no checkpoint directory
    (void)plain.application(stream_of<count>(plain) | tide::map_with_state<"n">(tide::state_spec(track)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 46
    // expect alone: tidemark::update_state_by_key: the function cannot be called with the values
    (void)ssc.application(pairs | tide::update_state_by_key<"n">(update_texts) | out);
#elif TIDEMARK_EXPECT_FAILURE == 47
    // expect alone: tidemark::update_state_by_key: the state must be serializable to survive a restart
    (void)ssc.application(pairs | tide::update_state_by_key<"n">(update_opaque) | out);
#elif TIDEMARK_EXPECT_FAILURE == 48
    // expect alone: tidemark::update_state_by_key: the key cannot be hashed or compared
    (void)ssc.application(stream_of<std::pair<no_key, int>>(ssc) | tide::update_state_by_key<"n">(update) | out);
#elif TIDEMARK_EXPECT_FAILURE == 49
    // expect alone: tidemark::update_state_by_key: the context has no checkpoint directory
    (void)plain.application(stream_of<count>(plain) | tide::update_state_by_key<"n">(update) | out);
#elif TIDEMARK_EXPECT_FAILURE == 50
    // expect alone: tidemark::update_state_by_key: the result of the function is no std::optional of the state
    (void)ssc.application(pairs | tide::update_state_by_key<"n">(update_for_good) | out);
#elif TIDEMARK_EXPECT_FAILURE == 51
    // expect alone: tidemark::update_state_by_key: the result of the function is no std::optional of the state
    (void)ssc.application(pairs | tide::update_state_by_key<"n">(update_timed) | out);
#elif TIDEMARK_EXPECT_FAILURE == 52
    // expect alone: tidemark::group_by_key_and_window: the records are or hold pointers, references or views
    (void)ssc.application(pairs | tide::map(to_views) | tide::group_by_key_and_window(4_s) | out);
#elif TIDEMARK_EXPECT_FAILURE == 53
    // expect alone: tidemark::window: the records are or hold pointers, references or views
    (void)ssc.application(pairs | tide::map(to_views) | tide::window(4_s) | out);
#elif TIDEMARK_EXPECT_FAILURE == 54
    // expect alone: tidemark::window: the record must be serializable, because the context has a checkpoint directory
    (void)ssc.application(stream_of<opaque>(ssc) | tide::window(4_s) | out);
#elif TIDEMARK_EXPECT_FAILURE == 55
    // expect alone: tidemark::zip: the two streams have different slides
    (void)ssc.application(pairs | tide::zip(pairs | tide::window(4_s, 4_s)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 56
    // expect alone: tidemark::cartesian: the two streams have different slides
    (void)ssc.application(pairs | tide::cartesian(pairs | tide::window(4_s, 4_s)) | out);
#elif TIDEMARK_EXPECT_FAILURE == 57
    // expect alone: tidemark::zip: one is an rdd and the other a stream
    (void)ssc.application(pairs | tide::zip(rc.parallelize(std::vector{1})) | out);
#else
    (void)(texts | tide::map(size) | tide::filter([](std::size_t length) { return length > 9; }) | next);
    (void)(pairs | tide::combine_by_key(std::identity{}, add, add) | tide::union_(pairs | tide::reduce_by_key(add))
           | next);
    (void)(pairs | tide::reduce_by_key_and_window(add, std::minus<>{}, 4_s) | next);
    (void)(numbers | tide::transform([](auto const& rdd) { return rdd; }) | next);
    (void)ssc.application(numbers | tide::foreach_rdd<"out">([](auto const&) {}));
    (void)(rc.parallelize(std::vector{1}) | tide::local_checkpoint() | next);
    (void)ssc.application(pairs | tide::map_with_state<"n">(tide::state_spec(track)) | next | out,
                          pairs | tide::update_state_by_key<"u">(update) | out);
    (void)plain;
    (void)keyless;
#endif
}
