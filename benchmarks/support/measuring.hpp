// SPDX-License-Identifier: BSL-1.0
//
// measuring: two ways of doing one thing, timed in turn, and what came of it as a line of text and one of JSON.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace benchmark {

/// The value that as many are below as above; `share` moves it: 0.99 is the one that 1 in 100 exceeds.
[[nodiscard]] inline double quantile(std::vector<double> values, double share)
{
    auto const at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

[[nodiscard]] inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

template <typename Work>
[[nodiscard]] double seconds(Work const& work)
{
    auto const begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// What is compared, and what it must reach.
struct scenario {
    std::string name;     ///< "3 maps + 2 filters, in chunks"
    std::string against;  ///< "hand-written loop"
    double target = 0;    ///< The largest ratio that is good enough; 0 for none.
    std::string size{};   ///< The input, in words.
    std::string series{}; ///< With `x` a point of this curve, for the pictures.
    double x = 0;         ///< How many threads, keys, panes ...
    std::string x_axis{}; ///< What `x` is.
};

/// Times of pairs: ours and theirs in turn, in seconds.
struct pairs {
    std::vector<double> ours;
    std::vector<double> theirs;

    void add(double our_time, double their_time)
    {
        ours.push_back(our_time);
        theirs.push_back(their_time);
    }
    [[nodiscard]] double ratio() const { return median(ours) / median(theirs); }
    [[nodiscard]] std::vector<double> ratios() const
    {
        std::vector<double> all;
        for (std::size_t i = 0; i < ours.size(); ++i)
            all.push_back(ours[i] / theirs[i]);
        return all;
    }
};

/// Appends a line of JSON to the file that TIDEMARK_BENCH_JSON names, where it names one.
inline void note(std::string const& line)
{
    if (auto const* const file = std::getenv("TIDEMARK_BENCH_JSON"))
        std::ofstream(file, std::ios::app) << line << '\n';
}

[[nodiscard]] inline std::string in_quotes(std::string_view words) { return '"' + std::string(words) + '"'; }

/// Notes what two batches took in turn, in milliseconds, as the next point of a curve over time.
inline void note_batches(std::string const& series, std::string const& against, std::size_t number, double our_time,
                         double their_time)
{
    note("{\"over_time\":" + in_quotes(series) + ",\"against\":" + in_quotes(against)
         + ",\"x\":" + std::to_string(number) + ",\"ours_ms\":" + std::to_string(our_time)
         + ",\"theirs_ms\":" + std::to_string(their_time) + "}");
}

/// Notes what a start took, of the two sides that `ours` and `against` name, in milliseconds, as the next point of a curve over `x_axis`.
inline void note_recovery(std::string const& series, std::string const& ours, std::string const& against,
                          std::string const& x_axis, std::size_t x, double our_time, double their_time)
{
    note("{\"recovery_time\":" + in_quotes(series) + ",\"ours\":" + in_quotes(ours)
         + ",\"against\":" + in_quotes(against) + ",\"x_axis\":" + in_quotes(x_axis) + ",\"x\":" + std::to_string(x)
         + ",\"ours_ms\":" + std::to_string(our_time) + ",\"theirs_ms\":" + std::to_string(their_time) + "}");
}

/// Prints the medians, their ratio and the range of the ratios of single pairs; `items` is how many records a run has.
inline double report(scenario const& what, pairs const& times, double items)
{
    auto const ratios = times.ratios();
    auto const [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    auto const ratio = times.ratio();
    auto const per_item = 1e9 / items;
    std::printf("%-52s ours %9.2f ns, %s %9.2f ns, ratio %.2f (%.2f to %.2f in %zu pairs)", what.name.c_str(),
                median(times.ours) * per_item, what.against.c_str(), median(times.theirs) * per_item, ratio, *low,
                *high, ratios.size());
    if (what.target > 0)
        std::printf(", target <= %.2f%s", what.target, ratio <= what.target ? "" : ": falls short");
    std::printf("\n");
    std::fflush(stdout);
    note("{\"name\":" + in_quotes(what.name) + ",\"against\":" + in_quotes(what.against) + ",\"target\":"
         + std::to_string(what.target) + ",\"size\":" + in_quotes(what.size) + ",\"ratio\":" + std::to_string(ratio)
         + ",\"low\":" + std::to_string(*low) + ",\"high\":" + std::to_string(*high) + ",\"pairs\":"
         + std::to_string(ratios.size()) + ",\"ours_ns\":" + std::to_string(median(times.ours) * per_item)
         + ",\"theirs_ns\":" + std::to_string(median(times.theirs) * per_item) + ",\"series\":" + in_quotes(what.series)
         + ",\"x\":" + std::to_string(what.x) + ",\"x_axis\":" + in_quotes(what.x_axis) + "}");
    return ratio;
}

/// Notes what is measured for itself, in `unit`: median, range, and how many values there are.
inline void note_figure(scenario const& what, std::string const& unit, std::vector<double> const& values)
{
    auto const [low, high] = std::minmax_element(values.begin(), values.end());
    note("{\"name\":" + in_quotes(what.name) + ",\"against\":" + in_quotes(what.against)
         + ",\"target\":" + std::to_string(what.target) + ",\"size\":" + in_quotes(what.size) + ",\"value\":"
         + std::to_string(median(values)) + ",\"unit\":" + in_quotes(unit) + ",\"low\":" + std::to_string(*low)
         + ",\"high\":" + std::to_string(*high) + ",\"values\":" + std::to_string(values.size()) + "}");
}

/// Runs `ours` and `theirs` in turn, after two rounds that do not count, and reports.
template <typename Ours, typename Theirs>
double compare(scenario const& what, double items, std::size_t rounds, Ours const& ours, Theirs const& theirs)
{
    pairs times;
    for (std::size_t round = 0; round < rounds + 2; ++round) {
        auto const a = seconds(ours);
        auto const b = seconds(theirs);
        if (round >= 2)
            times.add(a, b);
    }
    return report(what, times, items);
}

/// The argument with this number, or what it is when it is not given.
[[nodiscard]] inline std::uint64_t argument(int count, char** values, int number, std::uint64_t otherwise)
{
    return count > number ? std::strtoull(values[number], nullptr, 10) : otherwise;
}

/// A new folder, in the one that the argument with this number names or else in the working directory; it goes with this.
class new_folder {
public:
    new_folder(int count, char** values, int number, std::string const& name)
        : path_(std::filesystem::path(count > number ? values[number] : ".")
                / (name + '.' + std::to_string(std::random_device()())))
    {
        std::filesystem::create_directories(path_);
    }
    new_folder(new_folder const&) = delete;
    new_folder& operator=(new_folder const&) = delete;
    ~new_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

} // namespace benchmark
