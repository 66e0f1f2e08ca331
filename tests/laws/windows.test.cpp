// SPDX-License-Identifier: BSL-1.0
//
// windows.test: every form of a window operation gives what a recomputation from scratch gives, cut and restarted
// anywhere.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::duration;
using tidemark::testing::difference_after_any_crash;
using tidemark::testing::difference_after_any_cut;
using tidemark::testing::ending;
using tidemark::testing::first_difference;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

template <typename Value>
using pair_of = std::pair<std::string, Value>;
using count = pair_of<int>;
using text = pair_of<std::string>;
using some = std::vector<count>;

duration batches(int n) { return duration(1000 * n); }

// ---- The oracle: what the records of each window give, from scratch

/// The batches of a stream by number; of windows, how many batches lie between two of them, and how many one covers.
template <typename Record>
struct numbered {
    std::map<int, std::vector<Record>> batches;
    int slide = 1;
    int width = 1;
};

numbered<count> numbered_input(optional_batches<count> const& input)
{
    numbered<count> all;
    for (int i = 0; i < static_cast<int>(input.size()); ++i)
        if (auto const& batch = input[static_cast<std::size_t>(i)])
            all.batches.emplace(i + 1, *batch);
    return all;
}

/// A window has a batch at each of its slides, with the records of the parent's batches `number - width + 1 ... number`.
template <typename Record>
numbered<Record> windows_of(numbered<Record> const& parent, int width, int slide, int last)
{
    numbered<Record> all{{}, slide, width};
    for (int end = slide; end <= last; end += slide)
        for (auto& into = all.batches[end]; auto const& [number, records] : parent.batches)
            if (number <= end && number > end - width)
                into.insert(into.end(), records.begin(), records.end());
    return all;
}

template <typename Value>
using by_key = std::map<std::string, Value>;

template <typename Value, typename Join>
by_key<Value> joined(std::vector<pair_of<Value>> const& records, Join const& join)
{
    by_key<Value> all;
    for (auto const& [key, value] : records)
        if (auto const [place, fresh] = all.emplace(key, value); !fresh)
            place->second = join(place->second, value);
    return all;
}

template <typename Value>
output_batches<pair_of<Value>> as_output(std::map<int, by_key<Value>> const& all)
{
    output_batches<pair_of<Value>> out;
    for (auto const& [number, keys] : all)
        out.emplace(number, std::vector<pair_of<Value>>(keys.begin(), keys.end()));
    return out;
}

template <typename Value, typename Join>
output_batches<pair_of<Value>> recomputed(numbered<pair_of<Value>> const& windows, Join const& join)
{
    std::map<int, by_key<Value>> all;
    for (auto const& [number, records] : windows.batches)
        all.emplace(number, joined(records, join));
    return as_output(all);
}

/// The same with keys that stay as `nothing_left` once they have no data, where the slide is not longer than the window,
/// and a filter over all.
template <typename Value, typename Join, typename Filter>
output_batches<pair_of<Value>> recomputed_and_kept(numbered<pair_of<Value>> const& windows, Join const& join,
                                                   Value const& nothing_left, Filter const& filter)
{
    std::map<int, by_key<Value>> all;
    std::set<std::string> known;
    for (auto const& [number, records] : windows.batches) {
        if (windows.slide > windows.width)
            known.clear();
        auto now = joined(records, join);
        for (auto const& [key, value] : now)
            known.insert(key);
        for (auto const& key : known)
            now.emplace(key, nothing_left);
        std::erase_if(now, [&](auto const& each) { return !filter(pair_of<Value>(each)); });
        all.emplace(number, std::move(now));
    }
    return as_output(all);
}

// ---- Input

/// Keys that come often and keys that come once, empty batches and batches without a dataset.
optional_batches<count> any_input(std::mt19937& random, std::size_t size)
{
    std::uniform_int_distribution<int> percent(0, 99);
    optional_batches<count> all;
    while (all.size() < size) {
        if (percent(random) < 15) {
            all.emplace_back();
            continue;
        }
        some records;
        if (percent(random) < 75)
            for (int left = percent(random) % 12; left > 0; --left)
                records.emplace_back("k" + std::to_string(percent(random) % (percent(random) < 20 ? 60 : 5)),
                                     percent(random) - 30);
        all.emplace_back(std::move(records));
    }
    return all;
}

struct shape {
    int width;
    int slide;
};
/// Among them slides that are shorter than the window, as long, and longer; and windows longer than the run.
constexpr shape shapes[]{{1, 1}, {2, 1}, {3, 1}, {7, 1}, {40, 1}, {4, 2},
                         {3, 2}, {5, 3}, {3, 3}, {1, 3}, {2, 5},  {1, 4}};

constexpr tidemark::settings layouts[]{{.partitions = 1, .key_groups = 1, .threads = 1},
                                       {.partitions = 2, .key_groups = 4, .threads = 2},
                                       {.partitions = 3, .key_groups = 16, .threads = 1},
                                       {.partitions = 5, .key_groups = 8, .threads = 3}};

template <typename Build>
auto pipeline(optional_batches<count> input, Build build, tidemark::settings settings, std::size_t input_partitions = 2)
{
    auto const last = input.size() + 3;
    return tidemark::testing::pipeline_under_test<count, Build>(
        std::move(input), std::move(build),
        {.batches_to_run = last, .input_partitions = input_partitions, .settings = settings});
}

/// `build(stream, width, slide)` must give `expected(windows)`, for every shape and layout.
template <typename Build, typename Expected>
void check(std::string const& name, Build build, Expected expected)
{
    auto const seed = tidemark_test::random_seed();
    INFO(name << ", TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    std::size_t turn = 0;
    for (auto const& [width, slide] : shapes) {
        auto const input = any_input(random, 17);
        auto const last = static_cast<int>(input.size()) + 3;
        auto const from_scratch = expected(windows_of(numbered_input(input), width, slide, last));
        for (int twice = 0; twice < 2; ++twice, ++turn) {
            INFO("window " << width << " every " << slide << ", layout " << turn % std::size(layouts));
            auto const made = pipeline(
                input, [=](auto s) { return build(s, batches(width), batches(slide)); },
                layouts[turn % std::size(layouts)], 1 + turn % 3);
            CHECK(first_difference(from_scratch, made.uncut()) == "");
        }
    }
}

// ---- Functions

int plus(int left, int right) { return left + right; }
int minus(int all, int leaving) { return all - leaving; }
int greater(int left, int right) { return std::max(left, right); }
bool anything(auto const&) { return true; }
bool above_ten(count const& pair) { return pair.second > 10; }
bool below_ten(count const& pair) { return pair.second < 10; } // 0 passes, so a key stays
bool not_zero(count const& pair) { return pair.second != 0; }

std::string append(std::string const& left, std::string const& right) { return left + right; }
/// Takes away what stands in front; anything else would be another order than that of the batches.
std::string take_front(std::string const& all, std::string const& leaving)
{
    if (!all.starts_with(leaving))
        throw std::logic_error("\"" + leaving + "\" does not leave \"" + all + "\" first");
    return all.substr(leaving.size());
}
text as_text(count const& pair) { return {pair.first, std::to_string(pair.second) + ";"}; }

numbered<text> as_texts(numbered<count> const& windows)
{
    numbered<text> all{{}, windows.slide, windows.width};
    for (auto const& [number, records] : windows.batches)
        for (auto& into = all.batches[number]; auto const& each : records)
            into.push_back(as_text(each));
    return all;
}

} // namespace

TEST_CASE("reduce_by_key_and_window is a recomputation from scratch", "[laws][reduce_by_key_and_window]")
{
    for (auto const f : {plus, greater})
        check(
            f == plus ? "sums" : "greatest",
            [f](auto s, duration w, duration every) {
                return s | tidemark::reduce_by_key_and_window<"window">(f, w, every);
            },
            [f](auto const& windows) { return recomputed(windows, f); });
    check(
        "texts, in order",
        [](auto s, duration w, duration every) {
            return s | tidemark::map(as_text) | tidemark::reduce_by_key_and_window<"window">(append, w, every);
        },
        [](auto const& windows) { return recomputed(as_texts(windows), append); });
}

TEST_CASE("a window with an inverse is a recomputation from scratch, and its keys stay",
          "[laws][reduce_by_key_and_window]")
{
    check(
        "sums",
        [](auto s, duration w, duration every) {
            return s | tidemark::reduce_by_key_and_window<"window">(plus, minus, w, every);
        },
        [](auto const& windows) { return recomputed_and_kept(windows, plus, 0, anything<count>); });
    check(
        "texts, in order",
        [](auto s, duration w, duration every) {
            return s | tidemark::map(as_text)
                   | tidemark::reduce_by_key_and_window<"window">(append, take_front, w, every);
        },
        [](auto const& windows) {
            return recomputed_and_kept(as_texts(windows), append, std::string(), anything<text>);
        });
}

TEST_CASE("a filter over a window with an inverse changes no value", "[laws][reduce_by_key_and_window]")
{
    for (auto const keep : {above_ten, below_ten, not_zero})
        check(
            keep == above_ten   ? "above ten"
            : keep == below_ten ? "below ten"
                                : "not zero",
            [keep](auto s, duration w, duration every) {
                return s | tidemark::reduce_by_key_and_window<"window">(plus, minus, w, every, keep);
            },
            [keep](auto const& windows) { return recomputed_and_kept(windows, plus, 0, keep); });
}

TEST_CASE("windows of windows are recomputations from scratch", "[laws][reduce_by_key_and_window]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    struct {
        shape inner;
        shape outer;
    } const rows[]{{{2, 1}, {3, 1}}, {{3, 2}, {4, 2}}, {{1, 3}, {3, 3}}, {{4, 2}, {2, 4}}, {{2, 2}, {6, 4}}};
    for (auto const& [inner, outer] : rows) {
        INFO("window " << outer.width << " every " << outer.slide << " over " << inner.width << " every "
                       << inner.slide);
        auto const input = any_input(random, 19);
        auto const last = static_cast<int>(input.size()) + 3;
        auto const windows = windows_of(windows_of(numbered_input(input), inner.width, inner.slide, last), outer.width,
                                        outer.slide, last);
        auto const over_window = [=](auto s) {
            return s | tidemark::window<"inner">(batches(inner.width), batches(inner.slide))
                   | tidemark::reduce_by_key_and_window<"outer">(plus, minus, batches(outer.width),
                                                                 batches(outer.slide));
        };
        auto const made = pipeline(input, over_window, layouts[2]);
        CHECK(first_difference(recomputed_and_kept(windows, plus, 0, anything<count>), made.uncut()) == "");
        CHECK(difference_after_any_cut(made) == "");

        auto const over_sums = [=](auto s) {
            return s
                   | tidemark::reduce_by_key_and_window<"inner">(plus, minus, batches(inner.width),
                                                                 batches(inner.slide), not_zero)
                   | tidemark::reduce_by_key_and_window<"outer">(greater, batches(outer.width), batches(outer.slide));
        };
        numbered<count> sums{{}, inner.slide, inner.width};
        for (auto const& [number, records] :
             recomputed_and_kept(windows_of(numbered_input(input), inner.width, inner.slide, last), plus, 0, not_zero))
            sums.batches.emplace(static_cast<int>(number), records);
        auto const greatest = pipeline(input, over_sums, layouts[1]);
        CHECK(first_difference(recomputed(windows_of(sums, outer.width, outer.slide, last), greater), greatest.uncut())
              == "");
        CHECK(difference_after_any_cut(greatest) == "");
    }
}

TEST_CASE("groups, counts and reductions over a window are recomputations from scratch",
          "[laws][group_by_key_and_window][count_by_window][count_by_value_and_window][reduce_by_window]")
{
    using list = std::vector<int>;
    check(
        "groups",
        [](auto s, duration w, duration every) { return s | tidemark::group_by_key_and_window<"window">(w, every); },
        [](auto const& windows) {
            output_batches<pair_of<list>> out;
            for (auto const& [number, records] : windows.batches) {
                by_key<list> groups;
                for (auto const& [key, value] : records)
                    groups[key].push_back(value);
                out.emplace(number, std::vector<pair_of<list>>(groups.begin(), groups.end()));
            }
            return out;
        });
    check(
        "number of records",
        [](auto s, duration w, duration every) { return s | tidemark::count_by_window<"window">(w, every); },
        [](auto const& windows) {
            output_batches<std::int64_t> out;
            bool begun = false;
            for (auto const& [number, records] : windows.batches) {
                begun = begun || !records.empty();
                out[number] =
                    begun ? std::vector{static_cast<std::int64_t>(records.size())} : std::vector<std::int64_t>();
            }
            return out;
        });
    check(
        "how often each value occurs",
        [](auto s, duration w, duration every) { return s | tidemark::count_by_value_and_window<"window">(w, every); },
        [](auto const& windows) {
            output_batches<std::pair<count, std::int64_t>> out;
            for (auto const& [number, records] : windows.batches) {
                std::map<count, std::int64_t> counts;
                for (auto const& each : records)
                    ++counts[each];
                out[number].assign(counts.begin(), counts.end());
            }
            return out;
        });
    auto const value_as_text = [](count const& pair) { return as_text(pair).second; };
    auto const all_joined = [=](numbered<count> const& windows, bool stays) {
        output_batches<std::string> out;
        bool begun = false;
        for (auto const& [number, records] : windows.batches) {
            begun = (begun && stays) || !records.empty();
            std::string all;
            for (auto const& each : records)
                all += value_as_text(each);
            out[number] = begun ? std::vector{all} : std::vector<std::string>();
        }
        return out;
    };
    check(
        "all records joined",
        [=](auto s, duration w, duration every) {
            return s | tidemark::map(value_as_text) | tidemark::reduce_by_window<"window">(append, w, every);
        },
        [=](auto const& windows) { return all_joined(windows, false); });
    check(
        "all records joined, with an inverse",
        [=](auto s, duration w, duration every) {
            return s | tidemark::map(value_as_text)
                   | tidemark::reduce_by_window<"window">(append, take_front, w, every);
        },
        [=](auto const& windows) { return all_joined(windows, true); });
}

TEST_CASE("window operations survive a cut or a crash anywhere", "[laws][recovery]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const survives = [&](std::string const& name, auto build) {
        INFO(name);
        auto const all = pipeline(any_input(random, 9), build, layouts[1]);
        CHECK(difference_after_any_cut(all) == "");
        CHECK(difference_after_any_crash(all) == "");
        CHECK(difference_after_any_crash(all, ending::power_loss, seed) == "");
    };
    for (auto const& [width, slide] : {shape{3, 1}, shape{4, 2}, shape{1, 3}}) {
        INFO("window " << width << " every " << slide);
        auto const w = batches(width);
        auto const every = batches(slide);
        auto const twice = tidemark::checkpoint_every(2 * every);
        survives("recomputed",
                 [=](auto s) { return s | tidemark::reduce_by_key_and_window<"window">(greater, w, every) | twice; });
        survives("with an inverse", [=](auto s) {
            return s | tidemark::map(as_text)
                   | tidemark::reduce_by_key_and_window<"window">(append, take_front, w, every, twice);
        });
        survives("with an inverse and a filter", [=](auto s) {
            return s
                   | tidemark::reduce_by_key_and_window<"window">(plus, minus, w, every, above_ten,
                                                                  tidemark::checkpoint_every(every));
        });
        survives("number of records", [=](auto s) { return s | tidemark::count_by_window<"window">(w, every); });
        survives("groups", [=](auto s) { return s | tidemark::group_by_key_and_window<"window">(w, every) | twice; });
        survives("how often each value occurs",
                 [=](auto s) { return s | tidemark::count_by_value_and_window<"window">(w, every); });
        auto const value_as_text = [](count const& pair) { return as_text(pair).second; };
        survives("all records joined", [=](auto s) {
            return s | tidemark::map(value_as_text) | tidemark::reduce_by_window<"window">(append, w, every) | twice;
        });
        survives("all records joined, with an inverse", [=](auto s) {
            return s | tidemark::map(value_as_text)
                   | tidemark::reduce_by_window<"window">(append, take_front, w, every, twice);
        });
    }
}

TEST_CASE("a window over batches whose keys lie alike keeps that layout over a restart", "[laws][recovery][window]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const sizes = [](auto s) {
        return s | tidemark::reduce_by_key(plus) | tidemark::window<"window">(3_s) | tidemark::checkpoint_every(2_s)
               | tidemark::map_partitions([](auto part) { return std::vector{part.size()}; });
    };
    auto const all = pipeline(any_input(random, 12), sizes, layouts[2]);
    for (auto const& [number, parts] : all.uncut())
        CHECK((parts.size() == layouts[2].partitions || parts.empty()));
    CHECK(difference_after_any_cut(all) == "");
}

TEST_CASE("a window with an inverse goes on under another number of partitions and threads", "[laws][recovery]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const input = any_input(random, 12);
    auto const build = [](auto s) {
        return s | tidemark::map(as_text)
               | tidemark::reduce_by_key_and_window<"window">(append, take_front, 4_s, 1_s,
                                                              tidemark::checkpoint_every(2_s));
    };
    auto const groups = [](std::size_t partitions, std::size_t threads) {
        return tidemark::settings{.partitions = partitions, .key_groups = 16, .threads = threads};
    };
    auto const one = pipeline(input, build, groups(1, 1));
    auto const other = pipeline(input, build, groups(5, 3));
    auto const expected = one.uncut();
    for (std::size_t cut = 0; cut < one.batches_to_run(); ++cut) {
        INFO("cut after batch " << cut);
        tidemark::memory_storage const storage;
        output_batches<text> out;
        one.run(tidemark::any_storage(storage), cut, out);
        other.run(tidemark::any_storage(storage.kill()), other.batches_to_run(), out);
        CHECK(first_difference(expected, out) == "");
    }
}
