// SPDX-License-Identifier: BSL-1.0
//
// rdd_checkpoint: what a checkpoint changes: the records are computed once, and lie in files.

#include <tidemark/tidemark.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

namespace tide = tidemark;

using stamped = std::pair<int, std::int64_t>;

/// Each number with the time at which it was computed: never the same twice.
stamped stamp(int number) { return {number, std::chrono::steady_clock::now().time_since_epoch().count()}; }

/// Collects an rdd three times, and says whether the first time already gave what later ones give.
template <typename Rdd>
void compare(char const* name, Rdd const& rdd)
{
    auto const first = tide::collect(rdd);
    auto const second = tide::collect(rdd);
    auto const third = tide::collect(rdd);
    bool const equal = first == second && second == third;
    std::cout << name << ": the first collect " << (equal ? "equals" : "differs from") << " the later ones\n";
}

int main()
{
    std::filesystem::remove_all("checkpoints");
    tide::rdd_context const rc(2, tide::checkpoint_directory("checkpoints"));
    std::vector<int> numbers;
    for (int number = 1; number <= 100; ++number)
        numbers.push_back(number);

    auto const hundred = rc.parallelize(numbers, 5) | tide::checkpoint();
    std::cout << "1 to 100: " << to_string(tide::checkpoint_state(hundred));
    auto const count = tide::count_records(hundred);
    std::cout << ", after counting " << count << ": " << to_string(tide::checkpoint_state(hundred)) << '\n';
    for (auto const& file : tide::local_directory(*tide::checkpoint_file(hundred)).list())
        std::cout << "  " << file << '\n';

    auto const plain = hundred | tide::map(stamp);
    auto const saved = hundred | tide::map(stamp) | tide::checkpoint();
    compare("not checkpointed", plain);
    compare("checkpointed", saved);

    auto const again = rc.read_checkpoint<stamped>(*tide::checkpoint_file(saved));
    std::cout << "read back: " << (tide::collect(again) == tide::collect(saved) ? "the same" : "something else")
              << ", from " << tide::local_directory("checkpoints").folders().size() << " folders\n";
}
