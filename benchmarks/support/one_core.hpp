// SPDX-License-Identifier: BSL-1.0
//
// one_core: all threads of the process on one core for a while, to see what a second core is worth.

#pragma once

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <sched.h>

namespace benchmark {

/// While it lives, all threads that are there at its beginning share the first core that the process may use.
class one_core {
public:
    one_core()
    {
        if (::sched_getaffinity(0, sizeof before_, &before_) != 0)
            throw std::runtime_error("the cores of this process cannot be read");
        cpu_set_t one;
        CPU_ZERO(&one);
        for (std::size_t core = 0; core < std::size_t{CPU_SETSIZE}; ++core)
            if (CPU_ISSET(core, &before_)) {
                CPU_SET(core, &one);
                break;
            }
        put_all_on(one);
    }
    one_core(one_core const&) = delete;
    one_core& operator=(one_core const&) = delete;
    ~one_core() { put_all_on(before_); }

private:
    static void put_all_on(cpu_set_t const& cores)
    {
        for (auto const& task : std::filesystem::directory_iterator("/proc/self/task"))
            ::sched_setaffinity(std::stoi(task.path().filename().string()), sizeof cores, &cores);
    }

    cpu_set_t before_{};
};

} // namespace benchmark
