// SPDX-License-Identifier: BSL-1.0
//
// state_types: types of your own as keys and states, and a state type that grows without losing what was saved.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/hana/define_struct.hpp>
#include <boost/serialization/version.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

/// A key: a Hana structure is saved, compared and hashed member by member.
struct sensor {
    BOOST_HANA_DEFINE_STRUCT(sensor, (std::int32_t, device), (std::int32_t, metric));

    friend bool operator==(sensor const&, sensor const&) = default;
};

namespace first_release {

/// The state as a first release of the program had it.
struct statistics {
    std::int64_t count = 0;
    double sum = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count & sum;
    }
};

std::pair<std::int64_t, double> mean(sensor const&, std::optional<double> value, tide::state<statistics>& state)
{
    auto now = state.get_option().value_or(statistics{});
    ++now.count;
    now.sum += *value;
    state.update(now);
    return {now.count, now.sum / static_cast<double>(now.count)};
}

} // namespace first_release

/// The state as it is now: it has learned the largest value.
struct statistics {
    std::int64_t count = 0;
    double sum = 0;
    double largest = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned version) // of what is read; what is written has the newest
    {
        archive & count & sum;
        if (version >= 1)
            archive & largest;
    }
};
BOOST_CLASS_VERSION(statistics, 1)

std::pair<std::int64_t, double> maximum(sensor const&, std::optional<double> value, tide::state<statistics>& state)
{
    auto now = state.get_option().value_or(statistics{});
    ++now.count;
    now.sum += *value;
    now.largest = std::max(now.largest, *value);
    state.update(now);
    return {now.count, now.largest};
}

/// Two batches of a program with the function `track`, which goes on with what `disk` holds.
template <typename Track>
void run(tide::memory_storage const& disk, Track track)
{
    std::vector<std::pair<sensor, double>> const readings{{{7, 1}, 2}, {{7, 1}, 6}, {{7, 1}, 4},
                                                          {{7, 1}, 9}, {{7, 1}, 5}, {{7, 1}, 1}};
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(disk));
    tide::testing::driver driver(ssc.application(ssc.from_range<"readings">(readings, 1)
                                                 | tide::map_with_state<"statistics">(tide::state_spec(track))
                                                 | tide::foreach_rdd([](auto const& rdd) {
                                                       for (auto const& [count, value] : rdd | tide::collect())
                                                           std::cout << count << ": " << value << '\n';
                                                   })));
    driver.start();
    driver.run_next();
    driver.run_next();
    driver.stop();
}

int main()
{
    tide::memory_storage const disk;
    run(disk, first_release::mean);
    run(disk, maximum);
    run(disk, maximum); // has the largest of the run before
}
