// SPDX-License-Identifier: BSL-1.0
//
// sensor_alarms: made-up readings of five sensors at a steady rate, and what a state machine for each of them reports.
//
//   sensor_alarms <seed> <alarm from> <clear below>
//
// A sensor that reads the alarm limit or more is a warning, with the third such reading in a row an alarm, and clear
// again below the lower limit. One that says nothing for ten batches is silent: sensor 4 does so halfway. The program
// prints each change and ends by itself after 160 batches.

#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/hana/define_struct.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;

namespace {

constexpr std::int64_t sensors = 5; // and so many readings in a batch: 20 ms of 250 in a second
constexpr std::int64_t batches = 160;

struct limits {
    BOOST_HANA_DEFINE_STRUCT(limits, (double, alarm), (double, clear));
};

struct reading {
    std::int64_t number = 0;
    double value = 0;
};

/// What is known of a sensor.
struct condition {
    BOOST_HANA_DEFINE_STRUCT(condition, (std::int64_t, high_in_a_row), (bool, alarmed), (std::int64_t, last_number));
};

/// Number of the reading, sensor, what has changed.
using change = std::tuple<std::int64_t, std::int64_t, std::string>;

/// A day's slow wave, at another hour for each sensor, and noise that depends on the seed.
std::pair<std::int64_t, reading> measure(std::int64_t seed, std::int64_t number)
{
    auto const sensor = number % sensors;
    auto const hour = static_cast<double>(number / sensors) / 8 + static_cast<double>(sensor);
    auto const noise = (number + seed) * (number + seed) % 10007 * 16807 % 31;
    return {sensor, {number, 60 + 25 * std::sin(hour) + static_cast<double>(noise)}};
}

bool is_sent(std::pair<std::int64_t, reading> const& one)
{
    return one.second.number < sensors * batches && (one.first != 4 || one.second.number < sensors * batches / 2);
}

/// The state machine. The limits are a broadcast value, so a batch that runs again after a crash sees those it saw.
struct watch {
    tide::broadcast<limits> allowed;

    std::optional<change> operator()(tide::batch_time, std::int64_t sensor, std::optional<reading> now,
                                     tide::state<condition>& state) const
    {
        if (!now)
            return change(state.get().last_number, sensor, "is silent since");
        auto const before = state.exists() ? state.get() : condition{0, false, 0};
        auto next = before;
        next.last_number = now->number;
        next.high_in_a_row = now->value >= allowed.value().alarm ? before.high_in_a_row + 1 : 0;
        if (next.high_in_a_row == 3)
            next.alarmed = true;
        else if (now->value < allowed.value().clear)
            next.alarmed = false;
        state.update(next);
        if (next.alarmed != before.alarmed)
            return change(now->number, sensor, next.alarmed ? "ALARM" : "clear");
        if (!next.alarmed && next.high_in_a_row == 1)
            return change(now->number, sensor, "warning");
        return std::nullopt;
    }
};

template <typename Rdd>
void print_changes(Rdd const& rdd)
{
    auto changes = rdd | tide::collect();
    std::sort(changes.begin(), changes.end());
    for (auto const& [number, sensor, what] : changes)
        std::cout << "sensor " << sensor << ' ' << what << ' ' << number << '\n';
}

/// Counts the batches that are done, and stops the application at the last one.
struct stop_after_all {
    std::int64_t done = 0;

    void on(tide::batch_completed const&)
    {
        if (++done == batches)
            tide::get_active()->request_stop();
    }
};

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 4)
        throw std::invalid_argument("usage: sensor_alarms <seed> <alarm from> <clear below>");
    auto const ssc = tide::streaming_context(20_ms, tide::checkpoint_directory(tide::memory_storage()));
    auto const allowed = ssc.broadcast<"limits">(limits{std::stod(argv[2]), std::stod(argv[3])});
    auto const measured =
        ssc.rate_stream<"numbers">(250)
        | tide::map([seed = std::stoll(argv[1])](tide::rate_record const& tick) { return measure(seed, tick.second); });
    auto const changes = measured | tide::filter(is_sent)
                         | tide::map_with_state<"conditions">(tide::state_spec(watch{allowed}).timeout(200_ms),
                                                              tide::checkpoint_every(1_s));
    auto app = ssc.application(changes | tide::foreach_rdd<"changes">([](auto const& rdd) { print_changes(rdd); }));
    app.listen(tide::listening(std::make_shared<stop_after_all>()));
    app.start();
    app.await_termination();
    return 0;
} catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
