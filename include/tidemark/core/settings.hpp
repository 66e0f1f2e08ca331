// SPDX-License-Identifier: BSL-1.0
//
// settings: everything about an application that is a number or a choice, as one value.

#pragma once

#include <tidemark/core/pid_gains.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

/// What a restart does with the batches whose time passed while the application was down.
enum class catch_up : unsigned char {
    each,   ///< Run every one of them, in order.
    merged, ///< Run only the latest of them; it takes all waiting input.
    skip,   ///< Run none of them; waiting input goes into the next batch.
};

/// What an application is called that is given no name.
inline constexpr std::string_view default_application_name = "application";

inline constexpr std::size_t most_partitions = 65'536; ///< The most partitions that `settings` may ask for.
inline constexpr std::size_t most_key_groups = 32'768; ///< The most key-groups that `settings` may ask for.
inline constexpr std::size_t most_threads = 1024;      ///< The most threads that `settings` may ask for.
inline constexpr std::size_t most_attempts = 100; ///< The most attempts at a partition that `settings` may ask for.
inline constexpr std::size_t most_retained_commits = 1000; ///< The most commits on disk that `settings` may ask for.

/// The settings of an application. A wrong value does not compile when it is a template argument of
/// `streaming_context`; given at run time, it is refused by the same rules in `application()`.
struct settings {
    /// Partitions of keyed data, 1 to 65536. Results do not depend on how many threads run them.
    std::size_t partitions = 8;
    /// Units in which state is stored and partitioned: a power of two up to 32768, at least `partitions`. Fixed by the
    /// first start.
    std::size_t key_groups = 256;
    /// Threads that run partitions, up to 1024; 0 takes one per core.
    std::size_t threads = 0;
    /// How often a partition is tried before its output fails, 1 to 100; 1 means no retry.
    std::size_t partition_attempts = 4;
    /// Commits kept on disk, 1 to 1000.
    std::size_t retained_commits = 3;
    /// Batches that may wait for a commit, counted from the oldest unfinished one; at least 1. One more is an error.
    std::size_t max_uncommitted = 100;
    /// Generated batches that may wait to run, at least 1; while that many wait, no further ones are generated.
    std::size_t max_queued = 100;
    /// Which of the batches that passed while nothing ran a start makes up for.
    catch_up down_time = catch_up::each;
    /// The most records per second that each receiver takes; 0: as many as come.
    std::size_t max_receive_rate = 0;
    /// Whether each receiver is slowed down to what its batches can process.
    bool backpressure = false;
    /// With `backpressure`: the rate that a receiver begins with; 0: `max_receive_rate`.
    std::size_t initial_receive_rate = 0;
    /// With `backpressure`: how the rate follows the batches; see `pid_rate_estimator`.
    pid_gains gains = {};

    friend constexpr bool operator==(settings const&, settings const&) = default;
};

namespace detail {

[[nodiscard]] constexpr bool is_power_of_two(std::size_t n) { return n != 0 && (n & (n - 1)) == 0; }

} // namespace detail

/// The rules of `settings`, one predicate each, for the compiler and for run time alike.
struct settings_rules {
    static constexpr bool partitions(settings const& s) { return s.partitions >= 1 && s.partitions <= most_partitions; }
    static constexpr bool key_groups(settings const& s)
    {
        return detail::is_power_of_two(s.key_groups) && s.key_groups <= most_key_groups;
    }
    static constexpr bool partitions_fit_groups(settings const& s) { return s.partitions <= s.key_groups; }
    static constexpr bool threads(settings const& s) { return s.threads <= most_threads; }
    static constexpr bool partition_attempts(settings const& s)
    {
        return s.partition_attempts >= 1 && s.partition_attempts <= most_attempts;
    }
    static constexpr bool retained_commits(settings const& s)
    {
        return s.retained_commits >= 1 && s.retained_commits <= most_retained_commits;
    }
    static constexpr bool max_uncommitted(settings const& s) { return s.max_uncommitted >= 1; }
    static constexpr bool max_queued(settings const& s) { return s.max_queued >= 1; }
    static constexpr bool gains(settings const& s) { return s.gains.valid(); }
    static constexpr bool initial_receive_rate(settings const& s)
    {
        return s.max_receive_rate == 0 || s.initial_receive_rate <= s.max_receive_rate;
    }
};

/// `S`, checked by the compiler: settings that break a rule do not compile.
template <settings S>
struct checked_settings {
    static_assert(settings_rules::partitions(S), "tidemark::settings: partitions is out of range; give 1 to 65536");
    static_assert(settings_rules::key_groups(S),
                  "tidemark::settings: key_groups is no power of two up to 32768; give 256, or 1024 for many threads");
    static_assert(settings_rules::partitions_fit_groups(S),
                  "tidemark::settings: more partitions than key_groups; raise key_groups or lower partitions");
    static_assert(settings_rules::threads(S), "tidemark::settings: threads is out of range; give 0 to 1024");
    static_assert(settings_rules::partition_attempts(S),
                  "tidemark::settings: partition_attempts is out of range; give 1 to 100");
    static_assert(settings_rules::retained_commits(S),
                  "tidemark::settings: retained_commits is out of range; give 1 to 1000");
    static_assert(settings_rules::max_uncommitted(S), "tidemark::settings: max_uncommitted is 0; give at least 1");
    static_assert(settings_rules::max_queued(S), "tidemark::settings: max_queued is 0; give at least 1");
    static_assert(settings_rules::gains(S), "tidemark::settings: gains has a number that is negative or not finite, or "
                                            "a minimum_rate of 0; give the defaults, pid_gains{}");
    static_assert(settings_rules::initial_receive_rate(S),
                  "tidemark::settings: initial_receive_rate is above max_receive_rate; lower it");

    static constexpr settings value = S;
};

/// What is wrong with `s`: the compiler's words for each broken rule, and the value found. Empty when nothing is.
[[nodiscard]] inline std::vector<std::string> problems_of(settings const& s)
{
    std::vector<std::string> found;
    auto const check = [&found](bool holds, char const* words, std::size_t value) {
        if (!holds)
            found.push_back(std::string("tidemark::settings: ") + words + " (found " + std::to_string(value) + ")");
    };
    check(settings_rules::partitions(s), "partitions is out of range; give 1 to 65536", s.partitions);
    check(settings_rules::key_groups(s),
          "key_groups is no power of two up to 32768; give 256, or 1024 for many threads", s.key_groups);
    check(settings_rules::partitions_fit_groups(s),
          "more partitions than key_groups; raise key_groups or lower partitions", s.partitions);
    check(settings_rules::threads(s), "threads is out of range; give 0 to 1024", s.threads);
    check(settings_rules::partition_attempts(s), "partition_attempts is out of range; give 1 to 100",
          s.partition_attempts);
    check(settings_rules::retained_commits(s), "retained_commits is out of range; give 1 to 1000", s.retained_commits);
    check(settings_rules::max_uncommitted(s), "max_uncommitted is 0; give at least 1", s.max_uncommitted);
    check(settings_rules::max_queued(s), "max_queued is 0; give at least 1", s.max_queued);
    check(settings_rules::initial_receive_rate(s), "initial_receive_rate is above max_receive_rate; lower it",
          s.initial_receive_rate);
    if (!settings_rules::gains(s))
        found.emplace_back("tidemark::settings: gains has a number that is negative or not finite, or a minimum_rate "
                           "of 0; give the defaults, pid_gains{}");
    return found;
}

} // namespace tidemark
