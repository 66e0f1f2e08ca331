// SPDX-License-Identifier: BSL-1.0
//
// stream: programs over streams that must not compile, and what the compiler says of each.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using count = std::pair<std::string, int>;

struct opaque { // cannot be saved
    opaque() = default;
    int* where = nullptr;
    virtual ~opaque() = default;
};
struct unsaved : opaque { // can be added up, but not saved
    void add(int) {}
    void merge(unsaved const&) {}
};
struct opaque_key {
    int* where = nullptr;
    friend bool operator==(opaque_key const&, opaque_key const&) = default;
    friend std::uint64_t tidemark_key_hash(opaque_key const&) { return 0; }
};
struct no_key {};

int track(std::string const&, std::optional<int>, tide::state<int>&) { return 0; }
int track_wrong_value(std::string const&, std::optional<std::string>, tide::state<int>&) { return 0; }
int track_opaque(std::string const&, std::optional<int>, tide::state<opaque>&) { return 0; }
int track_no_key(no_key const&, std::optional<int>, tide::state<int>&) { return 0; }
int track_view(int, std::optional<std::string_view>, tide::state<int>&) { return 0; }
int track_shared(std::string const&, std::optional<int>, tide::state<std::shared_ptr<int>>&) { return 0; }
int track_unique(std::string const&, std::optional<int>, tide::state<std::unique_ptr<int>>&) { return 0; }
int track_key(opaque_key const&, std::optional<int>, tide::state<int>&) { return 0; }
std::optional<int> update(std::vector<int> const&, std::optional<int> before) { return before; }
std::optional<int> update_wrong_values(std::vector<std::string> const&, std::optional<int> before) { return before; }
std::optional<int> update_views(std::vector<std::string_view> const&, std::optional<int> before) { return before; }
std::optional<int*> update_pointer(std::vector<int> const&, std::optional<int*>) { return {}; }
std::optional<opaque> update_opaque(std::vector<int> const&, std::optional<opaque>) { return {}; }

auto print_all = [](auto const&) {};
auto takes_text = [](std::string const&) {};
auto to_views = [](count const& pair) { return std::pair(1, std::string_view(pair.first)); };

template <typename Key = std::string, typename Context>
auto pairs_of(Context const& ssc)
{
    return ssc.source_stream(tide::testing::batch_source<std::pair<Key, int>>({}));
}

void program(tide::checkpoint_directory where)
{
    auto const ssc = tide::streaming_context(10_s, where);
    auto const plain = tide::streaming_context(10_s);
    auto const pairs = pairs_of(ssc);
    auto const spec = tide::state_spec(track);

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::checkpoint_every: the checkpoint interval is not a multiple of the stream's slide
    (void)(pairs | tide::map_with_state<"s">(spec, tide::checkpoint_every(15_s)));
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::checkpoint_every: the checkpoint interval is smaller than the stream's slide
    (void)(pairs | tide::update_state_by_key<"s">(update, tide::checkpoint_every(7_s)));
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::checkpoint_every: the checkpoint interval is not positive
    (void)(pairs | tide::checkpoint_every(0_s));
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::checkpoint_every: the checkpoint interval is not a multiple of the stream's slide
    (void)(pairs | tide::window(20_s, 20_s) | tide::update_state_by_key<"s">(update) | tide::checkpoint_every(30_s));
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::window: the window duration is not a positive multiple of the parent's slide
    (void)(pairs | tide::window(25_s));
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::window: the slide duration is not a positive multiple of the parent's slide
    (void)(pairs | tide::window(20_s, 5_s));
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::map_with_state: the context has no checkpoint directory
    (void)(pairs_of(plain) | tide::map_with_state<"s">(spec));
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::update_state_by_key: the context has no checkpoint directory
    (void)(pairs_of(plain) | tide::update_state_by_key<"s">(update));
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::checkpoint_every: the context has no checkpoint directory
    (void)(pairs_of(plain) | tide::checkpoint_every(10_s));
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: tidemark::map_with_state: the state must be serializable to survive a restart
    (void)(pairs | tide::map_with_state<"s">(tide::state_spec(track_opaque)));
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: tidemark::map_with_state: the key must be serializable to survive a restart
    (void)(ssc.source_stream(tide::testing::batch_source<std::pair<opaque_key, int>>({}))
           | tide::map_with_state<"s">(tide::state_spec(track_key)));
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: tidemark::update_state_by_key: the state must be serializable to survive a restart
    (void)(pairs | tide::update_state_by_key<"s">(update_opaque));
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: tidemark::map_with_state: the function cannot be called with the record
    (void)(pairs | tide::map_with_state<"s">(tide::state_spec(track_wrong_value)));
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: tidemark::update_state_by_key: the function cannot be called with the values
    (void)(pairs | tide::update_state_by_key<"s">(update_wrong_values));
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: tidemark::settings: partitions is out of range; give 1 to 65536
    (void)tide::streaming_context<tide::settings{.partitions = 0}>(10_s, where);
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: tidemark::settings: more partitions than key_groups; raise key_groups or lower partitions
    (void)tide::streaming_context<tide::settings{.partitions = 64, .key_groups = 32}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 35
    // expect: tidemark::settings: partition_attempts is out of range; give 1 to 100
    (void)tide::streaming_context<tide::settings{.partition_attempts = 0}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 47
    // expect: tidemark::settings: key_groups is no power of two up to 32768
    (void)tide::streaming_context<tide::settings{.key_groups = 100}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 48
    // expect: tidemark::settings: threads is out of range; give 0 to 1024
    (void)tide::streaming_context<tide::settings{.threads = 1025}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 49
    // expect: tidemark::settings: retained_commits is out of range; give 1 to 1000
    (void)tide::streaming_context<tide::settings{.retained_commits = 0}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 50
    // expect: tidemark::settings: max_uncommitted is 0; give at least 1
    (void)tide::streaming_context<tide::settings{.max_uncommitted = 0}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 51
    // expect: tidemark::settings: max_queued is 0; give at least 1
    (void)tide::streaming_context<tide::settings{.max_queued = 0}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 36
    // expect: tidemark::accumulator: it has no name, by which its value is found after a restart
    (void)ssc.accumulator(0);
#elif TIDEMARK_EXPECT_FAILURE == 37
    // expect: tidemark::accumulator: values of this type cannot be added up
    (void)ssc.accumulator<"a">(opaque());
#elif TIDEMARK_EXPECT_FAILURE == 38
    // expect: tidemark::accumulator: the value must be serializable to survive a restart
    (void)ssc.accumulator<"a">(unsaved());
#elif TIDEMARK_EXPECT_FAILURE == 39
    // expect: tidemark::accumulator: a fraction is added to an accumulator of whole numbers
    ssc.accumulator<"a">(0) += 0.5;
#elif TIDEMARK_EXPECT_FAILURE == 40
    // expect: tidemark::accumulator: this cannot be added
    ssc.accumulator<"a">(std::vector<std::string>()).add(1);
#elif TIDEMARK_EXPECT_FAILURE == 52
    // expect: tidemark::accumulator: what is added is no number
    ssc.accumulator<"a">(0) += "one";
#elif TIDEMARK_EXPECT_FAILURE == 41
    // expect: tidemark::broadcast: it has no name, by which its value is found after a restart
    (void)ssc.broadcast(1);
#elif TIDEMARK_EXPECT_FAILURE == 42
    // expect: tidemark::broadcast: the value must be serializable to survive a restart
    (void)ssc.broadcast<"b">([] { return opaque(); });
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: tidemark::application: there is no output operation, so nothing would run
    (void)ssc.application();
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: tidemark::application: two different stages have one name
    (void)ssc.application(pairs | tide::map_with_state<"s">(spec) | tide::foreach_rdd(print_all),
                          pairs | tide::update_state_by_key<"s">(update) | tide::foreach_rdd(print_all));
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect: tidemark::application: one name is used twice on one path
    (void)ssc.application(pairs | tide::update_state_by_key<"s">(update) | tide::update_state_by_key<"s">(update)
                          | tide::foreach_rdd(print_all));
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: tidemark::union_: the two streams have different slides
    (void)(pairs | tide::union_(pairs | tide::window(20_s, 20_s)));
#elif TIDEMARK_EXPECT_FAILURE == 53
    // expect: tidemark::join: the two streams have different slides
    (void)(pairs | tide::join(pairs | tide::window(20_s, 20_s)));
#elif TIDEMARK_EXPECT_FAILURE == 54
    // expect: tidemark::zip: the two streams have different slides
    (void)(pairs | tide::zip(pairs | tide::window(20_s, 20_s)));
#elif TIDEMARK_EXPECT_FAILURE == 55
    // expect: tidemark::cartesian: the two streams have different slides
    (void)(pairs | tide::cartesian(pairs | tide::window(20_s, 20_s)));
#elif TIDEMARK_EXPECT_FAILURE == 56
    // expect: tidemark::intersection, subtract: the two streams have different slides
    (void)(pairs | tide::intersection(pairs | tide::window(20_s, 20_s)));
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect: tidemark::foreach_rdd: the function cannot be called with the batch
    (void)(pairs | tide::foreach_rdd(takes_text));
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect: tidemark::streaming_context: the batch duration is not positive
    (void)tide::streaming_context(0_s, where);
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect: tidemark::window: the record must be serializable, because the context has a checkpoint directory
    (void)(pairs | tide::map([](count const&) { return opaque(); }) | tide::window(20_s));
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect: tidemark::policy_of: the expression has no stateful stage of that name
    auto const tracked = pairs | tide::map_with_state<"s">(spec);
    (void)tide::policy_of<"t", std::remove_const_t<decltype(tracked)>>::interval_ms;
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect: tidemark::map_with_state: this is an rdd, and only streams have state
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::map_with_state<"s">(spec));
#elif TIDEMARK_EXPECT_FAILURE == 26
    // expect: tidemark::map_with_state: the records are no pairs; map them to std::pair(key, value) first
    (void)(ssc.source_stream(tide::testing::batch_source<int>({})) | tide::map_with_state<"s">(spec));
#elif TIDEMARK_EXPECT_FAILURE == 27
    // expect: tidemark::update_state_by_key: the records are no pairs; map them to std::pair(key, value) first
    (void)(ssc.source_stream(tide::testing::batch_source<int>({})) | tide::update_state_by_key<"s">(update));
#elif TIDEMARK_EXPECT_FAILURE == 57
    // expect: tidemark::map_with_state: the key cannot be hashed or compared
    (void)(pairs_of<no_key>(ssc) | tide::map_with_state<"s">(tide::state_spec(track_no_key)));
#elif TIDEMARK_EXPECT_FAILURE == 58
    // expect: tidemark::map_with_state: the records are or hold pointers, references or views
    (void)(pairs | tide::map(to_views) | tide::map_with_state<"s">(tide::state_spec(track_view)));
#elif TIDEMARK_EXPECT_FAILURE == 59
    // expect: tidemark::update_state_by_key: the key cannot be hashed or compared
    (void)(pairs_of<no_key>(ssc) | tide::update_state_by_key<"s">(update));
#elif TIDEMARK_EXPECT_FAILURE == 60
    // expect: tidemark::update_state_by_key: the key must be serializable to survive a restart
    (void)(pairs_of<opaque_key>(ssc) | tide::update_state_by_key<"s">(update));
#elif TIDEMARK_EXPECT_FAILURE == 61
    // expect: tidemark::update_state_by_key: the records are or hold pointers, references or views
    (void)(pairs | tide::map(to_views) | tide::update_state_by_key<"s">(update_views));
#elif TIDEMARK_EXPECT_FAILURE == 28
    // expect: tidemark::state_spec: the function does not tell the type of its state
    (void)tide::state_spec([](auto const&, auto, auto&) { return 0; });
#elif TIDEMARK_EXPECT_FAILURE == 29
    // expect: tidemark::map_with_state: the argument is no state_spec
    (void)(pairs | tide::map_with_state<"s">(track));
#elif TIDEMARK_EXPECT_FAILURE == 30
    // expect: tidemark::application: an argument is no output operation
    (void)ssc.application(pairs);
#elif TIDEMARK_EXPECT_FAILURE == 31
    // expect: a duration needs a unit: `10_s`, `500_ms`
    (void)tide::streaming_context(1, where);
#elif TIDEMARK_EXPECT_FAILURE == 34
    // expect: tidemark::window: the records are or hold pointers, references or views
    (void)(pairs_of(plain) | tide::map([](count const& pair) { return std::string_view(pair.first); })
           | tide::window(20_s));

    // ---- Rdds and streams taken for each other
#elif TIDEMARK_EXPECT_FAILURE == 74
    // expect alone: tidemark::window: this is an rdd, and only streams have windows
    (void)(pairs | tide::foreach_rdd([](auto const& rdd) { (void)(rdd | tide::window(20_s) | tide::collect()); }));
#elif TIDEMARK_EXPECT_FAILURE == 43
    // expect: actions and checkpoint take an rdd, which a stream gives in foreach_rdd and transform
    (void)(pairs | tide::take(3));
#elif TIDEMARK_EXPECT_FAILURE == 44
    // expect: windows, states and outputs take a stream
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::foreach_rdd(print_all));
#elif TIDEMARK_EXPECT_FAILURE == 62
    // expect: tidemark::join: one side is an rdd and the other a stream; join an rdd within transform
    (void)(pairs | tide::join(tide::rdd_context().parallelize(std::vector<count>{}, 1)));
#elif TIDEMARK_EXPECT_FAILURE == 63
    // expect: tidemark::update_state_by_key: this is an rdd, and only streams have state
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::update_state_by_key<"s">(update));
#elif TIDEMARK_EXPECT_FAILURE == 64
    // expect: a stream is checkpointed by `stream | checkpoint_every(d)`
    (void)tide::checkpoint(pairs);
#elif TIDEMARK_EXPECT_FAILURE == 65
    // expect: a stream is checkpointed by `stream | checkpoint_every(d)`
    (void)tide::local_checkpoint(pairs);

    // ---- States that are pointers
#elif TIDEMARK_EXPECT_FAILURE == 68
    // expect alone: tidemark::map_with_state: the state is a pointer, reference or view
    (void)(pairs | tide::map_with_state<"s">(tide::state_spec(track_shared)));
#elif TIDEMARK_EXPECT_FAILURE == 69
    // expect alone: tidemark::map_with_state: the state is a pointer, reference or view
    (void)(pairs | tide::map_with_state<"s">(tide::state_spec(track_unique)));
#elif TIDEMARK_EXPECT_FAILURE == 70
    // expect alone: tidemark::update_state_by_key: the state is a pointer, reference or view
    (void)(pairs | tide::update_state_by_key<"s">(update_pointer));

    // ---- Initial states
#elif TIDEMARK_EXPECT_FAILURE == 75
    // expect alone: tidemark::state_spec: the initial states are no pairs of a key and a state
    (void)(pairs | tide::map_with_state<"s">(spec.initial_state(std::vector<std::pair<std::string, opaque>>{})));
#elif TIDEMARK_EXPECT_FAILURE == 76
    // expect alone: tidemark::state_spec: the initial states are no pairs of a key and a state
    (void)(pairs | tide::map_with_state<"s">(spec.initial_state(std::vector<int>{})));
#elif TIDEMARK_EXPECT_FAILURE == 77
    // expect alone: tidemark::update_state_by_key: the initial states are no pairs of the stream's key and state
    (void)(pairs | tide::update_state_by_key<"s">(update).initial_state(std::vector<std::pair<std::string, opaque>>{}));
#elif TIDEMARK_EXPECT_FAILURE == 78
    // expect: `(f).initial_state(states)` or `(f).num_partitions(n)`
    (void)(pairs | tide::update_state_by_key<"s">(update, tide::rdd_context().parallelize(std::vector<count>{}, 1)));
#elif TIDEMARK_EXPECT_FAILURE == 79
    // expect: `(f).initial_state(states)` or `(f).num_partitions(n)`
    (void)(pairs | tide::update_state_by_key<"s">(update, 8));

    // ---- States of older versions
#elif TIDEMARK_EXPECT_FAILURE == 45
    // expect: tidemark::streaming_context::migrated: the old type cannot be read
    (void)ssc.migrated<opaque, "s">([](opaque const&) { return 0; });
#elif TIDEMARK_EXPECT_FAILURE == 46
    // expect: tidemark::streaming_context::migrated: the stage has no name
    (void)ssc.migrated<int, "">([](int state) { return state; });
#elif TIDEMARK_EXPECT_FAILURE == 71
    // expect alone: tidemark::streaming_context::migrated: what the function gives cannot be saved
    (void)ssc.migrated<int, "s">([](int) { return opaque(); });
#elif TIDEMARK_EXPECT_FAILURE == 72
    // expect alone: tidemark::streaming_context::migrated: what the function gives cannot be saved
    (void)ssc.migrated<int, "s">([](int) {});
#elif TIDEMARK_EXPECT_FAILURE == 73
    // expect: the function must take the old type: `migrated<old, "hits">(f)`
    (void)ssc.migrated<int, "s">([](std::string const& state) { return state; });

    // ---- Durations as literals
#elif TIDEMARK_EXPECT_FAILURE == 32
    // expect: tidemark::literals: a duration has no fraction or exponent
    (void)tide::streaming_context(1.5_s, where);
#elif TIDEMARK_EXPECT_FAILURE == 33
    // expect: does not fit into 64 bits of milliseconds
    (void)tide::streaming_context(9223372036854775807_h, where);
#elif TIDEMARK_EXPECT_FAILURE == 66
    // expect: tidemark::literals: a duration is not written in base 2, 8 or 16
    (void)tide::streaming_context(010_s, where);

    // ---- A clock that is gone at once
#elif TIDEMARK_EXPECT_FAILURE == 67
    // expect: the clock would be gone at once: name it, or pass a std::shared_ptr
    (void)tide::any_clock(tide::manual_clock(tide::batch_time(0)));
#else
    auto const tracked = pairs | tide::map_with_state<"s">(spec, tide::checkpoint_every(20_s));
    static_assert(tide::policy_of<"s", std::remove_const_t<decltype(tracked)>>::interval_ms == 20'000);
    auto const updated =
        pairs | tide::window(20_s, 20_s) | tide::update_state_by_key<"u">(update) | tide::checkpoint_every(40_s);
    (void)(pairs_of(plain) | tide::map([](count const&) { return opaque(); }) | tide::window(20_s));
    (void)tide::streaming_context<tide::settings{.partitions = 32, .key_groups = 32, .partition_attempts = 100}>(1_ms,
                                                                                                                 where);
    (void)tide::streaming_context<tide::settings{
        .threads = 1024, .retained_commits = 1, .max_uncommitted = 1, .max_queued = 1}>(1_ms, where);
    (void)ssc.migrated<int, "s">([](int state) { return state; });
    (void)plain.accumulator<"a">(unsaved());
    (void)plain.broadcast<"b">([] { return opaque(); });
    ssc.accumulator<"c">(0.0) += 1;
    tide::manual_clock clock(tide::batch_time(0));
    (void)tide::any_clock(clock);
    (void)(pairs | tide::join(pairs));
    (void)(pairs | tide::zip(pairs) | tide::cartesian(pairs));
    (void)(pairs | tide::intersection(pairs));
    ssc.accumulator<"v">(std::vector<std::string>()).add("text");
    (void)ssc.application(tracked | tide::foreach_rdd(print_all), updated | tide::foreach_rdd(print_all),
                          pairs | tide::checkpoint_every(10_s) | tide::union_(pairs) | tide::foreach_rdd(print_all));
#endif
}
