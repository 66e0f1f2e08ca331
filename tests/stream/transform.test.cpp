// SPDX-License-Identifier: BSL-1.0
//
// transform.test: whatever can be done with an rdd, done with the rdds of each batch; of one stream, two, or several.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::collect;
using tidemark::config_error;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::rdd;
using tidemark::source_error;
using tidemark::transform;
using tidemark::transform_with;
using tidemark::union_;
using tidemark::usage_error;
using tidemark::window;
using tidemark::testing::batch_source;
using tidemark::testing::batches;
using tidemark::testing::driver;
using tidemark::testing::optional_batches;
using tidemark::testing::run_batches;
using tidemark_test::contains;
using tidemark_test::what;
using tidemark_test::words_of;

using count = std::pair<std::string, int>;
using numbers = std::vector<int>;

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};

template <typename Context>
auto source(Context const& ssc, optional_batches<int> list)
{
    return ssc.source_stream(batch_source<int>(std::move(list), 2));
}

auto const nothing = [](auto const&) {};
auto const increase = [](int x) { return x + 1; };

/// Counts its copies; has no default.
struct heavy {
    explicit heavy(int n)
        : number(std::make_shared<int>(n))
    {}
    std::shared_ptr<int> number;
};

} // namespace

TEST_CASE("transform gives what its function makes of each batch", "[stream][transform]")
{
    auto const add_and_sort = [](auto s) {
        return s | transform([](auto const& batch) { return batch | map(increase) | map(increase); });
    };
    CHECK(run_batches<int>({{1, 2}, {}, {3}}, add_and_sort) == batches<int>{{3, 4}, {}, {5}});
    CHECK(run_batches<int>({{1}, {}, {2, 3}},
                           [](auto s) {
                               return transform(s, [](auto const& batch, batch_time time) {
                                   return batch | map([time](int x) { return x + time.count(); });
                               });
                           })
          == batches<std::int64_t>{{1001}, {}, {3002, 3003}});
}

TEST_CASE("the function of transform may bring records together, add others, or give an erased rdd",
          "[stream][transform]")
{
    auto const in_order = [](auto list) {
        for (auto& batch : list)
            std::sort(batch.begin(), batch.end());
        return list;
    };
    CHECK(in_order(run_batches<count>({{{"a", 1}, {"b", 2}, {"a", 3}}, {}},
                                      [](auto s) {
                                          return s | transform([](auto const& batch) {
                                                     return batch | tidemark::reduce_by_key(std::plus<>{});
                                                 });
                                      },
                                      {.input_partitions = 2}))
          == batches<count>{{{"a", 4}, {"b", 2}}, {}});
    tidemark::rdd_context const rc(1);
    auto const others = rc.parallelize(numbers{10, 11}, 1);
    CHECK(run_batches<int>({{1}, {}},
                           [others](auto s) {
                               return s | transform([others](auto const& batch) { return batch | union_(others); });
                           })
          == batches<int>{{1, 10, 11}, {10, 11}});
    CHECK(run_batches<int>({{1, 2}, {3}},
                           [](auto s) {
                               return s | transform([](auto const& batch, batch_time time) -> rdd<int> {
                                          if (time == batch_time(1000))
                                              return batch | map(increase);
                                          return batch;
                                      });
                           })
          == batches<int>{{2, 3}, {3}});
}

TEST_CASE("transform takes records without a default, and of what its function adds nothing runs twice",
          "[stream][transform]")
{
    int calls = 0;
    auto const out = run_batches<int>({{1, 2}, {3}}, [&calls](auto s) {
        auto const made = s | transform([&calls](auto const& batch) {
                              return batch | map([&calls](int x) {
                                         ++calls;
                                         return heavy(x);
                                     });
                          });
        return made | map([](heavy const& h) { return *h.number; })
               | union_(made | map([](heavy const& h) { return -*h.number; }));
    });
    CHECK(out == batches<int>{{1, 2, -1, -2}, {3, -3}});
    CHECK(calls == 3);
}

TEST_CASE("the function of transform is called once for each batch, in the generating thread", "[stream][transform]")
{
    std::vector<std::pair<std::int64_t, std::thread::id>> calls;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 2});
    auto const made = source(ssc, {numbers{1}, numbers{2}}) | transform([&](auto const& batch, batch_time time) {
                          calls.emplace_back(time.count(), std::this_thread::get_id());
                          return batch;
                      });
    driver run(ssc.application(made | foreach_rdd(nothing), made | map(increase) | foreach_rdd(nothing)));
    run.start();
    run.run_to(batch_time(2000));
    auto const here = std::this_thread::get_id();
    CHECK(calls == decltype(calls){{1000, here}, {2000, here}});
}

TEST_CASE("what the function throws fails the outputs that need it, and no others", "[stream][transform]")
{
    numbers plain;
    numbers changed;
    int calls = 0;
    auto const into = [](numbers& all) {
        return foreach_rdd([&all](auto const& batch) {
            for (int const x : batch | collect())
                all.push_back(x);
        });
    };
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const s = source(ssc, {numbers{1}, numbers{2}, numbers{3}});
    auto const made = s | transform([&calls](auto const& batch, batch_time time) {
                          ++calls;
                          if (time == batch_time(2000))
                              throw std::runtime_error("not this one");
                          return batch;
                      });
    driver run(ssc.application(s | into(plain), made | into(changed), made | map(increase) | into(changed)));
    run.start();
    CHECK_FALSE(run.next().failure);
    auto const failed = run.next();
    CHECK(what(failed.failure) == "not this one");
    CHECK_FALSE(failed.fatal);
    CHECK_FALSE(run.next().failure);
    CHECK(plain == numbers{1, 2, 3});
    CHECK(changed == numbers{1, 2, 3, 4});
    CHECK(calls == 3); // though two outputs asked for the one that failed
}

TEST_CASE("a batch for which the function threw stays pending, and runs again after a restart", "[stream][transform]")
{
    tidemark::memory_storage const storage;
    numbers out;
    auto const run_with = [&out](tidemark::memory_storage const& where, bool fails, int last) {
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(where)), small);
        driver run(ssc.application(source(ssc, {numbers{1}, numbers{2}, numbers{3}})
                                   | transform([fails](auto const& batch, batch_time time) {
                                         if (fails && time == batch_time(2000))
                                             throw std::runtime_error("not now");
                                         return batch;
                                     })
                                   | foreach_rdd<"out">([&out](auto const& batch) {
                                         for (int const x : batch | collect())
                                             out.push_back(x);
                                     })));
        run.restore();
        for (auto const time : run.to_repeat())
            (void)run.run(time);
        while (run.next_time() <= batch_time(last * 1000))
            (void)run.next();
    };
    run_with(storage, true, 3);
    CHECK(out == numbers{1, 3});
    run_with(storage.kill(), false, 3);
    CHECK(out == numbers{1, 3, 2}); // the outputs of 1 and 3 are done
}

TEST_CASE("a batch without a dataset is an error for transform, and an empty one is not", "[stream][transform]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const s = source(ssc, {numbers{1}, std::nullopt, numbers{}});
    auto const whole = source(ssc, {});
    auto const same = [](auto const& batch) { return batch; };
    auto const both = [](auto const& one, auto const& other) { return one | union_(other); };
    auto const list = [](std::vector<rdd<int>> const& all) { return all.back(); };
    auto const failures = [&ssc](auto const& stream) {
        driver run(ssc.application(stream | foreach_rdd([](auto const& batch) { (void)(batch | collect()); })));
        run.start();
        std::vector<std::string> all;
        for (int i = 0; i < 3; ++i)
            all.push_back(what(run.next().failure));
        return all;
    };
    auto const only_second = [](std::string const& words) { return std::vector<std::string>{"", words, ""}; };
    std::string const advice = " has no dataset for batch 2000 ms; let its source give an empty one";
    CHECK(failures(s | transform(same)) == only_second("tidemark::transform: the stream" + advice));
    CHECK(failures(whole | transform_with(s, both)) == only_second("tidemark::transform_with: stream 2 of 2" + advice));
    CHECK(failures(s | transform_with(whole, both)) == only_second("tidemark::transform_with: stream 1 of 2" + advice));
    CHECK(failures(ssc.transform([](auto const& a, auto const&, auto const&) { return a; }, whole, whole, s))
          == only_second("tidemark::transform: stream 3 of 3" + advice));
    CHECK(failures(ssc.transform(std::vector{s, s}, list))
          == only_second("tidemark::transform: stream 1 of 2" + advice));
    CHECK(failures(ssc.union_(std::vector{s, s})) == only_second("tidemark::union_all: stream 1 of 2" + advice));
}

TEST_CASE("a function that gives an rdd of nothing at all is refused", "[stream][transform]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const s = source(ssc, {numbers{1}});
    driver run(
        ssc.application(s | transform([](auto const&) { return rdd<int>(nullptr, nullptr); }) | foreach_rdd(nothing)));
    run.start();
    CHECK(what(run.next().failure)
          == "tidemark::transform: the function gave an rdd without data for batch 1000 ms; give an empty rdd where "
             "there is nothing");
}

TEST_CASE("transform_with gives its function the batches of one time", "[stream][transform]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    batches<std::string> out;
    auto const s = source(ssc, {numbers{1}, numbers{2}});
    auto const texts = ssc.source_stream(batch_source<std::string>({std::vector<std::string>{"a"}, {{}}}));
    auto const joined =
        s | map([](int x) { return std::to_string(x); })
        | transform_with(texts, [](auto const& left, auto const& right, batch_time time) {
              return left | union_(right) | map([time](std::string const& x) { return x + "@" + to_string(time); });
          });
    driver run(ssc.application(joined | foreach_rdd([&out](auto const& batch) { out.push_back(batch | collect()); })));
    run.start();
    run.run_to(batch_time(2000));
    CHECK(out == batches<std::string>{{"1@1000 ms", "a@1000 ms"}, {"2@2000 ms"}});
}

TEST_CASE("a context transforms several streams of different types, or a list made at run time", "[stream][transform]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const s = source(ssc, {numbers{1, 2}, {{}}});
    auto const texts = ssc.source_stream(batch_source<std::string>({std::vector<std::string>{"x"}}));
    std::vector<std::vector<std::string>> out;
    auto const into = foreach_rdd([&out](auto const& batch) {
        std::vector<std::string> all;
        for (auto const& x : batch | collect())
            all.push_back(x);
        out.push_back(all);
    });
    auto const text = [](int x) { return std::to_string(x); };
    auto const three = ssc.transform(
        [text](auto const& a, auto const& b, auto const& c) {
            return a | map(text) | union_(b) | union_(c | map([](double x) { return std::to_string(int(x)); }));
        },
        s, texts, s | map([](int x) { return x * 10.0; }));
    std::vector<tidemark::dstream<std::string>> list;
    for (int i = 0; i < 3; ++i)
        list.emplace_back(s | map([i, text](int x) { return text(x + i); }));
    auto const listed = ssc.transform(list, [](std::vector<rdd<std::string>> const& all, batch_time time) {
        auto sum = all.front();
        for (std::size_t i = 1; i < all.size(); ++i)
            sum = sum | union_(all[i]);
        return sum | map([time](std::string const& x) { return x + "@" + std::to_string(time.count()); });
    });
    driver run(ssc.application(three | into, listed | into, ssc.union_(list) | into));
    run.start();
    run.run_to(batch_time(2000));
    CHECK(out
          == std::vector<std::vector<std::string>>{{"1", "2", "x", "10", "20"},
                                                   {"1@1000", "2@1000", "2@1000", "3@1000", "3@1000", "4@1000"},
                                                   {"1", "2", "2", "3", "3", "4"},
                                                   {},
                                                   {},
                                                   {}});
}

TEST_CASE("an empty list of streams is refused", "[stream][transform][config_error]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    std::vector<tidemark::dstream<int>> const none;
    CHECK(words_of<config_error>([&] { (void)ssc.union_(none); })
          == "tidemark::union_: the list of streams is empty; pass at least one stream");
    CHECK(words_of<config_error>(
              [&] { (void)ssc.transform(none, [](std::vector<rdd<int>> const& all) { return all.front(); }); })
          == "tidemark::transform: the list of streams is empty; pass at least one stream");
}

TEST_CASE("an action in transform sees the data of sources, and not what the batch has yet to compute",
          "[stream][transform]")
{
    auto const first_failure = [](auto const& build) {
        tidemark::memory_storage const storage;
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(storage)), small);
        auto const pairs = ssc.source_stream(batch_source<count>({std::vector<count>{{"a", 1}}}));
        driver run(ssc.application(build(pairs) | transform([](auto const& batch) {
                                       (void)(batch | tidemark::count_records());
                                       return batch;
                                   })
                                   | foreach_rdd(nothing)));
        run.start();
        return what(run.next().failure);
    };
    std::string const refused = "tidemark: the result of a state or window for batch 1000 ms is not there yet";
    auto const tracked = [](auto const& pairs) {
        return pairs
               | tidemark::map_with_state<"m">(
                   tidemark::state_spec<int>([](std::string const&, std::optional<int>, tidemark::state<int>& s) {
                       s.update(1);
                       return 1;
                   }));
    };
    CHECK(first_failure([](auto const& pairs) { return pairs | tidemark::reduce_by_key(std::plus<>{}); }) == "");
    CHECK(contains(first_failure([](auto const& pairs) { return pairs | window(2_s); }), refused));
    CHECK(contains(first_failure(tracked), refused));
    CHECK(contains(first_failure([&](auto const& pairs) { return tracked(pairs) | tidemark::state_snapshots(); }),
                   refused));
    CHECK(contains(first_failure([](auto const& pairs) {
                       return pairs
                              | tidemark::update_state_by_key<"u">(
                                  [](std::vector<int> const&, std::optional<int>) { return std::optional(1); });
                   }),
                   refused));
}

TEST_CASE("streams of different slides are not transformed together", "[stream][transform][config_error]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const s = source(ssc, {});
    tidemark::dstream<int> const slow = s | window(2_s, 2_s);
    auto const both = [](auto const& a, auto const&) { return a; };
    auto const words =
        words_of<config_error>([&] { (void)ssc.application(s | transform_with(slow, both) | foreach_rdd(nothing)); });
    CHECK(contains(words, "tidemark::transform_with: the two streams have different slides"));
    CHECK(contains(words, "found 1 s and 2 s"));
}

TEST_CASE("a state and a window stand on a transform as on any stream, cut and crashed anywhere", "[stream][transform]")
{
    tidemark::testing::pipeline_under_test const pipeline(
        optional_batches<count>{std::vector<count>{{"a", 1}, {"b", 2}}, std::vector<count>{{"a", 3}},
                                std::vector<count>{}, std::vector<count>{{"b", 1}}},
        [](auto s) {
            return s | transform([](auto const& batch, batch_time time) {
                       return batch | map([time](count const& c) {
                                  return count(c.first, c.second * int(time.count() / 1000));
                              });
                   })
                   | tidemark::update_state_by_key<"sum">(
                       [](std::vector<int> const& values, std::optional<int> before) {
                           int sum = before.value_or(0);
                           for (int const x : values)
                               sum += x;
                           return std::optional(sum);
                       })
                   | window(2_s);
        },
        {.settings = small});
    CHECK(tidemark::testing::difference_after_any_cut(pipeline) == "");
    CHECK(tidemark::testing::difference_after_any_crash(pipeline) == "");
}
