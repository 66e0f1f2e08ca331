// SPDX-License-Identifier: BSL-1.0
//
// durable_output.test: what an output in files asks of the system, and in which order. The calls below take the place of
// the C library's own in this program; they pass everything on.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// What was asked for, while one lives: "sync FILE", "sync names of DIRECTORY", "rename FROM TO", "exchange FROM TO".
struct listener {
    listener() { current = this; }
    listener(listener const&) = delete;
    listener& operator=(listener const&) = delete;
    ~listener() { current = nullptr; }

    std::vector<std::string> asked;

    static void hear(std::string words)
    {
        std::scoped_lock const lock(mutex);
        if (current != nullptr)
            current->asked.push_back(std::move(words));
    }

private:
    static inline listener* current = nullptr;
    static inline std::mutex mutex; // of the threads that write partitions
};

std::string name_of(int fd) { return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).string(); }

} // namespace

extern "C" {

int fsync(int fd)
{
    listener::hear("sync names of " + name_of(fd));
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

int fdatasync(int fd)
{
    listener::hear("sync " + name_of(fd));
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

int rename(char const* from, char const* to) noexcept
{
    listener::hear(std::string("rename ") + from + " " + to);
    return static_cast<int>(::syscall(SYS_rename, from, to));
}

int renameat2(int from_directory, char const* from, int to_directory, char const* to, unsigned int flags) noexcept
{
    listener::hear((flags == RENAME_EXCHANGE ? "exchange " : "rename ") + std::string(from) + " " + to);
    return static_cast<int>(::syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}

} // extern "C"

namespace {

using namespace tidemark::literals;
using storages::temporary_directory;
using tidemark::streaming_context;
using tidemark::testing::batch_source;
using tidemark::testing::driver;

/// The place of `words` among what was asked, behind the last of them all when they are not.
std::size_t place_of(std::vector<std::string> const& asked, std::string const& words)
{
    return static_cast<std::size_t>(std::find(asked.begin(), asked.end(), words) - asked.begin());
}

/// Whether all that lies in the directory `aside` was durable before it got the name `target` by `step`, and that name afterwards.
void check_order(std::vector<std::string> const& asked, std::string const& step, std::string const& aside,
                 std::string const& target, std::vector<std::string> const& files)
{
    INFO([&] {
        std::string all;
        for (auto const& each : asked)
            all += each + '\n';
        return all;
    }());
    auto const published = place_of(asked, step + " " + aside + " " + target);
    auto const names = place_of(asked, "sync names of " + aside);
    REQUIRE(published < asked.size());
    CHECK(names < published);
    for (auto const& file : files)
        CHECK(place_of(asked, "sync " + aside + "/" + file) < names);
    auto const parent = "sync names of " + std::filesystem::path(target).parent_path().string();
    CHECK(std::find(asked.begin() + static_cast<std::ptrdiff_t>(published), asked.end(), parent) != asked.end());
}

} // namespace

TEST_CASE("an output in files is durable before it gets its name, and its name before the batch is done", "[sinks]")
{
    temporary_directory const place;
    auto const prefix = place.path().string() + "/out";
    std::vector<std::string> const files{"part-00000", "part-00001", "_SUCCESS"};
    for (std::string const step : {"rename", "exchange"}) { // the second run finds what the first has written
        auto const ssc = streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1});
        driver run(ssc.application(ssc.source_stream(batch_source<int>({std::vector{1, 2, 3, 4}}, 2))
                                   | tidemark::save_as_text_files(prefix)));
        run.start();
        listener heard;
        REQUIRE(!run.next().failure);
        check_order(heard.asked, step, place.path().string() + "/.out-1000.writing", prefix + "-1000", files);
    }
}

TEST_CASE("an rdd in files is durable before it gets its name, and its name afterwards", "[sinks]")
{
    temporary_directory const place;
    auto const target = place.path().string() + "/out";
    auto const numbers = tidemark::rdd_context().parallelize(std::vector{1, 2, 3}, 2);
    listener heard;
    numbers | tidemark::save_as_text_file(target);
    auto const& asked = heard.asked;
    auto const named = std::find_if(asked.begin(), asked.end(), [&](auto const& words) {
        return words.starts_with("rename ") && words.ends_with(" " + target);
    });
    REQUIRE(named != asked.end());
    auto const aside = named->substr(7, named->size() - 8 - target.size());
    check_order(asked, "rename", aside, target, {"part-00000", "part-00001", "_SUCCESS"});
}
