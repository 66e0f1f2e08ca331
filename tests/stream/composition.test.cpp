// SPDX-License-Identifier: BSL-1.0
//
// composition.test: what the type of a stream tells, and what is wrong with a composition, in one error.

#include <tidemark/operators.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/running.hpp>

#include <boost/hana/size.hpp>
#include <boost/hana/tuple.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace composition_test {

inline std::pair<std::string, int> track(std::string const& key, std::optional<int>, tidemark::state<int>&)
{
    return {key, 1};
}
inline std::optional<int> keep(std::vector<int> const&, std::optional<int> before) { return before; }

} // namespace composition_test

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using composition_test::keep;
using composition_test::track;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::checkpoint_every;
using tidemark::config_error;
using tidemark::duration;
using tidemark::foreach_rdd;
using tidemark::map_with_state;
using tidemark::memory_storage;
using tidemark::state_spec;
using tidemark::update_state_by_key;
using tidemark::window;
using tidemark::testing::driver;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

using count = std::pair<std::string, int>;
using some = std::vector<count>;
using numbers = std::vector<int>;

constexpr auto ignore = [](auto const&) {};

// ---- What the type tells, as constant expressions

template <std::int64_t SlideMs>
using pairs_every = tidemark_test::stream_of<count, tidemark::static_slide<SlideMs>, true>;
using pairs_t = pairs_every<1000>;
using some_time_t = tidemark_test::stream_of<count, tidemark::dynamic_slide, true>;

template <typename E, typename Closure>
using piped = decltype(std::declval<E>() | std::declval<Closure>());
template <tidemark::fixed_string Name>
using tracking = decltype(map_with_state<Name>(state_spec(track)));
template <tidemark::fixed_string Name>
using updating = decltype(update_state_by_key<Name>(keep));

using tracked_t = piped<pairs_t, tracking<"tracked">>;
using both_t = piped<piped<tracked_t, updating<"updated">>, decltype(window(2_s))>;

static_assert(std::same_as<tidemark::record_t<tracked_t>, count>);
static_assert(tidemark::is_wide_v<tracked_t> && !tidemark::is_wide_v<piped<pairs_t, decltype(window(2_s))>>);
static_assert(tidemark::stage_count_v<tracked_t> == 2);
static_assert(tidemark::stage_count_v<both_t> == 4);

static_assert(decltype(boost::hana::size(tidemark::stateful_stages_t<pairs_t>{}))::value == 0);
static_assert(decltype(boost::hana::size(tidemark::stateful_stages_t<both_t>{}))::value == 2);
static_assert(decltype(boost::hana::size(tidemark::stateful_stages_t<both_t, tracked_t>{}))::value == 2,
              "each stage once");

// map_with_state: ten slides. update_state_by_key: the smallest multiple of the slide that is at least 10 s.
template <std::int64_t SlideMs, std::int64_t TrackMs, std::int64_t UpdateMs>
constexpr bool defaults_are =
    tidemark::policy_of<"t", piped<pairs_every<SlideMs>, tracking<"t">>>::interval_ms == TrackMs
    && tidemark::policy_of<"u", piped<pairs_every<SlideMs>, updating<"u">>>::interval_ms == UpdateMs;
static_assert(defaults_are<100, 1'000, 10'000>);
static_assert(defaults_are<500, 5'000, 10'000>);
static_assert(defaults_are<1'000, 10'000, 10'000>);
static_assert(defaults_are<3'000, 30'000, 12'000>);
static_assert(defaults_are<7'000, 70'000, 14'000>);
static_assert(defaults_are<10'000, 100'000, 10'000>);
static_assert(defaults_are<20'000, 200'000, 20'000>);

using given_t = piped<pairs_t, decltype(map_with_state<"given">(state_spec(track), checkpoint_every(4_s)))>;
using given_later_t = piped<piped<pairs_t, tracking<"given">>, decltype(checkpoint_every(4_s))>;
static_assert(tidemark::policy_of<"given", given_t>::interval_ms == 4000);
static_assert(tidemark::policy_of<"given", given_later_t>::interval_ms == 4000,
              "the step gives the state its interval");
static_assert(std::same_as<given_t, given_later_t>);
static_assert(tidemark::policy_of<"given", piped<given_t, decltype(window(3_s))>>::interval() == duration(4000));
static_assert(!tidemark::policy_of<"t", piped<some_time_t, tracking<"t">>>::is_static);
static_assert(
    !tidemark::policy_of<"t", piped<pairs_t, decltype(map_with_state<"t">(state_spec(track),
                                                                          checkpoint_every(duration(1))))>>::is_static);

static_assert(tidemark::valid<both_t>);
static_assert(tidemark::valid<both_t, tracked_t>);
static_assert(!tidemark::valid<piped<tracked_t, updating<"tracked">>>, "twice on one path");
static_assert(!tidemark::valid<piped<tracked_t, tracking<"tracked">>>, "twice on one path");
static_assert(!tidemark::valid<tracked_t, piped<pairs_t, updating<"tracked">>>, "two stages of one name");
static_assert(tidemark::valid<piped<piped<pairs_t, tracking<"">>, updating<"">>>, "no names at all");

static_assert(tidemark::describe<both_t>()
              == "window\n"
                 "  update_state_by_key<\"updated\"> (wide)\n"
                 "    map_with_state<\"tracked\"> (wide)\n"
                 "      stream\n");
static_assert(tidemark::describe<piped<tracked_t, decltype(tidemark::state_snapshots())>>()
              == "state_snapshots\n  map_with_state<\"tracked\"> (wide)\n    stream\n");

// ---- What it does

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};

auto context() { return tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()), small); }

auto source(std::shared_ptr<script> const& what = std::make_shared<script>()) { return counting_source(what); }

std::string problems(auto const& make)
{
    return words_of<config_error>([&] { (void)make(); });
}

} // namespace

TEST_CASE("the steps before a checkpoint_every run once for all who read it", "[stream][checkpoint_every]")
{
    int calls = 0;
    auto const ssc = context();
    auto const mapped = ssc.source_stream(source()) | tidemark::map([&calls](int number) { return ++calls, number; })
                        | checkpoint_every(2_s);
    driver run(ssc.application(mapped | foreach_rdd<"a">([](auto const& rdd) { (void)(rdd | tidemark::collect()); }),
                               mapped | foreach_rdd<"b">([](auto const& rdd) { (void)(rdd | tidemark::collect()); })));
    run.start();
    run.run_to(batch_time(5000));
    CHECK(calls == 5);
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 2000, 4000});
}

TEST_CASE("commits are made whenever some stage's interval is due", "[stream][checkpoint_every]")
{
    auto const ssc = context();
    auto const pairs =
        ssc.source_stream(source()) | tidemark::map([](int number) { return std::pair(number, number); });
    auto const same = [](std::vector<int> const&, std::optional<int> before) { return before; };
    driver run(ssc.application(pairs | update_state_by_key<"two">(same, checkpoint_every(2_s)) | foreach_rdd(ignore),
                               pairs | update_state_by_key<"three">(same) | checkpoint_every(3_s) | foreach_rdd(ignore),
                               pairs | update_state_by_key<"default">(same) | foreach_rdd(ignore)));
    run.start();
    run.run_to(batch_time(10'000));
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 2000, 3000, 4000, 6000, 8000, 9000, 10'000});
}

TEST_CASE("a program without states commits every 10 s", "[stream][checkpoint_every]")
{
    auto const ssc = context();
    driver run(ssc.application(ssc.source_stream(source()) | foreach_rdd(ignore)));
    run.start();
    run.run_to(batch_time(21'000));
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 10'000, 20'000});
}

TEST_CASE("a union needs a dataset from both streams", "[stream][union_]")
{
    auto const gaps = std::make_shared<script>();
    gaps->no_dataset = {2};
    auto const ssc = tidemark::streaming_context(1_s, small);
    numbers out;
    auto const collect_into = foreach_rdd([&out](auto const& rdd) { out = rdd | tidemark::collect(); });
    auto const whole = ssc.source_stream(source());
    auto const holed = ssc.source_stream(source(gaps));
    driver run(ssc.application(whole | tidemark::union_(holed) | collect_into));
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK(out == numbers{1, 1});
    CHECK(what(run.next().failure)
          == "tidemark::union_: the second stream has no dataset for batch 2000 ms; let its source give an empty one");
    CHECK_FALSE(run.next().failure);
    CHECK(out == numbers{3, 3});
}

TEST_CASE("a count is 0 for an empty batch, and an error without a dataset", "[stream][count]")
{
    using tidemark::testing::batches;
    CHECK(tidemark::testing::run_batches<int>({{1, 2}, {}, {3}}, [](auto s) { return s | tidemark::count(); })
          == batches<std::int64_t>{{2}, {0}, {1}});
    auto const gaps = std::make_shared<script>();
    gaps->no_dataset = {1};
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.source_stream(source(gaps)) | tidemark::count() | foreach_rdd(ignore)));
    run.start();
    CHECK(contains(what(run.next().failure), "tidemark::count: there is no dataset for batch 1000 ms"));
}

TEST_CASE("steps and reduce_by_key pass a missing dataset on, and outputs then have no job", "[stream]")
{
    tidemark::testing::pipeline_under_test const pipeline(
        optional_batches<count>{some{{"a", 1}}, std::nullopt, some{}}, [](auto s) {
            return s | tidemark::filter([](auto const&) { return true; }) | tidemark::reduce_by_key(std::plus<>{})
                   | tidemark::map_values([](int n) { return 2 * n; });
        });
    CHECK(pipeline.uncut() == output_batches<count>{{1, {{"a", 2}}}, {3, {}}});
}

TEST_CASE("settings that break a rule are refused before anything is made of them", "[stream][config_error]")
{
    CHECK(problems([] {
              auto const ssc = tidemark::streaming_context(duration(2000), checkpoint_directory(memory_storage()),
                                                           {.partitions = 1, .key_groups = std::size_t{1} << 40U});
              auto const same = [](std::vector<int> const&, std::optional<int> before) { return before; };
              return ssc.named("large").application(ssc.source_stream(source())
                                                    | tidemark::map([](int n) { return std::pair(n, n); })
                                                    | update_state_by_key<"x">(same) | foreach_rdd<"out">(ignore));
          })
          == "large: 1 problem"
             "\n  tidemark::settings: key_groups is no power of two up to 32768; give 256, or 1024 for many threads "
             "(found 1099511627776)");
}

TEST_CASE("all problems of a composition are reported together, in the words of the compiler", "[stream][config_error]")
{
    CHECK(problems([] {
              auto const ssc = tidemark::streaming_context(duration(2000), checkpoint_directory(memory_storage()),
                                                           {.partitions = 8, .key_groups = 3, .retained_commits = 0});
              auto const pairs = ssc.source_stream(source()) | tidemark::map([](int n) { return std::pair(n, n); });
              auto const same = [](std::vector<int> const&, std::optional<int> before) { return before; };
              return ssc.named("words").application(
                  pairs | window(duration(5000), duration(3000)) | foreach_rdd(ignore),
                  pairs | update_state_by_key<"x">(same, checkpoint_every(duration(1000))) | foreach_rdd<"out">(ignore),
                  pairs | update_state_by_key<"x">(same, checkpoint_every(duration(5000))) | foreach_rdd<"out">(ignore),
                  pairs | checkpoint_every(duration(0)) | foreach_rdd(ignore));
          })
          == "words: 10 problems"
             "\n  tidemark::settings: key_groups is no power of two up to 32768; give 256, or 1024 for many threads "
             "(found 3)"
             "\n  tidemark::settings: more partitions than key_groups; raise key_groups or lower partitions (found 8)"
             "\n  tidemark::settings: retained_commits is out of range; give 1 to 1000 (found 0)"
             "\n  tidemark::window: the window duration is not a positive multiple of the parent's slide; pass a "
             "multiple of the parent's "
             "slide (found 5 s on a slide of 2 s)"
             "\n  tidemark::window: the slide duration is not a positive multiple of the parent's slide; pass a "
             "multiple of the parent's "
             "slide (found 3 s on a slide of 2 s)"
             "\n  tidemark::checkpoint_every: the checkpoint interval is smaller than the stream's slide; pass a "
             "positive multiple of the "
             "stream's slide (found 1 s on a slide of 2 s, stage x)"
             "\n  tidemark::checkpoint_every: the checkpoint interval is not a multiple of the stream's slide; pass a "
             "positive multiple of "
             "the stream's slide (found 5 s on a slide of 2 s, stage x)"
             "\n  tidemark::checkpoint_every: the checkpoint interval is not positive; pass a positive multiple of the "
             "stream's slide "
             "(found 0 s on a slide of 2 s, stage checkpoint_every)"
             "\n  tidemark::application: two stages have the name \"x\"; give each a name of its own"
             "\n  tidemark::application: two outputs have the name \"out\"; give each a name of its own");
}

TEST_CASE("a wrong duration is reported once, where it comes from", "[stream][config_error]")
{
    CHECK(problems([] {
              auto const ssc = tidemark::streaming_context(duration(-5), small);
              return ssc.application(ssc.source_stream(source()) | window(duration(3)) | foreach_rdd(ignore));
          })
          == "application: 1 problem\n  tidemark::streaming_context: the batch duration is not positive; pass at least "
             "1_ms (found -5 ms)");
    CHECK(problems([] {
              auto const ssc = context();
              auto const same = [](std::vector<int> const&, std::optional<int> before) { return before; };
              return ssc.application(ssc.source_stream(source()) | tidemark::map([](int n) { return std::pair(n, n); })
                                     | window(2_s, duration(0)) | update_state_by_key(same) | window(duration(7))
                                     | foreach_rdd(ignore));
          })
          == "application: 1 problem\n  tidemark::window: the slide duration is not a positive multiple of the "
             "parent's slide; "
             "pass a multiple of the parent's slide (found 0 s on a slide of 1 s)");
}

TEST_CASE("durations that no sum would hold are refused", "[stream][config_error]")
{
    using tidemark::longest_duration;
    auto const longer = longest_duration + duration(1);
    auto const where = tidemark::checkpoint_directory(tidemark::memory_storage());
    auto const refusal = [&](duration batch, duration window_duration, duration timeout) {
        return words_of<tidemark::config_error>([&] {
            auto const ssc = tidemark::streaming_context(batch, where);
            auto const pairs = ssc.queue_stream(std::vector<std::vector<std::pair<int, int>>>());
            auto const spec = tidemark::state_spec([](int, std::optional<int>, tidemark::state<int>&) { return 0; });
            (void)ssc.application(pairs | window(window_duration) | tidemark::map_with_state<"s">(spec.timeout(timeout))
                                  | tidemark::foreach_rdd([](auto const&) {}));
        });
    };
    CHECK(refusal(1_s, 1_s, 1_s).empty());
    CHECK(contains(refusal(duration::max(), 1_s, 1_s), "the batch duration is too long; pass at most "));
    CHECK(contains(refusal(1_ms, longer, 1_s), "the window duration is too long; pass at most "));
    CHECK(contains(refusal(1_s, 1_s, duration(0)), "the timeout is not positive or too long; pass 1 ms to "));
    CHECK(contains(refusal(1_s, 1_s, longer), "the timeout is not positive or too long; pass 1 ms to "));
}

TEST_CASE("streams of different slides or contexts do not meet", "[stream][config_error]")
{
    CHECK(problems([] {
              auto const ssc = context();
              auto const all = ssc.source_stream(source());
              return ssc.application(all | tidemark::union_(all | window(duration(2000), duration(2000)))
                                     | foreach_rdd(ignore));
          })
          == "application: 1 problem\n  tidemark::union_: the two streams have different slides; use streams of one "
             "slide, or give the "
             "slower one's slide to window on the other (found 1 s and 2 s)");
    CHECK(problems([] {
              auto const other = context();
              auto const ssc = context();
              return ssc.application(ssc.source_stream(source()) | tidemark::union_(other.source_stream(source()))
                                     | foreach_rdd(ignore));
          })
          == "application: 1 problem\n  tidemark::application: counting belongs to another streaming context; make all "
             "streams with one "
             "context");
}

TEST_CASE("one name for two sources is refused, one source in two outputs is not", "[stream][config_error]")
{
    CHECK(problems([] {
              auto const ssc = context();
              return ssc.application(ssc.source_stream<"in">(source()) | foreach_rdd(ignore),
                                     ssc.source_stream<"in">(source()) | foreach_rdd(ignore));
          })
          == "application: 1 problem\n  tidemark::application: two sources have the name \"in\"; give each a name of "
             "its own");
    CHECK(problems([] {
              auto const ssc = context();
              auto const in = ssc.source_stream<"in">(source());
              return ssc.application(in | foreach_rdd(ignore), in | foreach_rdd(ignore));
          })
          == "");
}

TEST_CASE("settings outside their range are named with what was found", "[stream][settings]")
{
    struct {
        tidemark::settings given;
        std::vector<std::string> expected;
    } const table[] = {
        {{}, {}},
        {{.partitions = 65536, .key_groups = 32768},
         {"more partitions than key_groups; raise key_groups or lower partitions (found 65536)"}},
        {{.partitions = 32768,
          .key_groups = 32768,
          .threads = 1024,
          .partition_attempts = 100,
          .retained_commits = 1000,
          .max_uncommitted = 1,
          .max_queued = 1},
         {}},
        {{.partitions = 0}, {"partitions is out of range; give 1 to 65536 (found 0)"}},
        {{.partitions = 65537},
         {"partitions is out of range; give 1 to 65536 (found 65537)",
          "more partitions than key_groups; raise key_groups or lower partitions (found 65537)"}},
        {{.partitions = 1, .key_groups = 0},
         {"key_groups is no power of two up to 32768; give 256, or 1024 for many threads (found 0)",
          "more partitions than key_groups; raise key_groups or lower partitions (found 1)"}},
        {{.key_groups = 65536},
         {"key_groups is no power of two up to 32768; give 256, or 1024 for many threads (found 65536)"}},
        {{.threads = 1025}, {"threads is out of range; give 0 to 1024 (found 1025)"}},
        {{.partition_attempts = 0}, {"partition_attempts is out of range; give 1 to 100 (found 0)"}},
        {{.partition_attempts = 101}, {"partition_attempts is out of range; give 1 to 100 (found 101)"}},
        {{.retained_commits = 1001}, {"retained_commits is out of range; give 1 to 1000 (found 1001)"}},
        {{.max_uncommitted = 0}, {"max_uncommitted is 0; give at least 1 (found 0)"}},
        {{.max_queued = 0}, {"max_queued is 0; give at least 1 (found 0)"}},
    };
    for (auto const& row : table) {
        auto expected = row.expected;
        for (auto& words : expected)
            words.insert(0, "tidemark::settings: ");
        CHECK(tidemark::problems_of(row.given) == expected);
    }
}
