// SPDX-License-Identifier: BSL-1.0
//
// reading: what the tests of sources share: an environment, the records of an input, a directory of files.

#pragma once

#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/stream/source.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reading {

using lines = std::vector<std::string>;

[[nodiscard]] inline tidemark::source_environment environment(std::int64_t batch = 1000, std::int64_t now = 0,
                                                              std::size_t partitions = 4)
{
    return {"test", tidemark::duration(batch), tidemark::batch_time(0), tidemark::batch_time(now), partitions};
}

[[nodiscard]] inline tidemark::any_executor executor()
{
    return tidemark::any_executor(std::make_shared<tidemark::inline_executor>());
}

/// Keeps what it is given, up to a number of records.
template <typename Record>
class keeper final : public tidemark::any_sink<Record> {
public:
    explicit keeper(std::size_t most = SIZE_MAX)
        : most_(most)
    {}

    void take(Record const& value) override { kept.push_back(value); }
    void take(Record&& value) override { kept.push_back(std::move(value)); }
    void take_chunk(std::span<Record const> values) override { kept.insert(kept.end(), values.begin(), values.end()); }
    [[nodiscard]] bool done() const override { return kept.size() >= most_; }

    std::vector<Record> kept;

private:
    std::size_t most_;
};

/// The records of each partition.
template <typename Record>
[[nodiscard]] std::vector<std::vector<Record>> partitions_of(tidemark::batch_input<Record> const& input)
{
    tidemark::make_ready(*input.data, executor());
    std::vector<std::vector<Record>> all;
    for (std::size_t i = 0; i < input.data->partitions(); ++i) {
        keeper<Record> sink;
        input.data->feed(i, sink);
        all.push_back(std::move(sink.kept));
    }
    return all;
}

/// The records of a batch; nothing where there is no dataset.
template <typename Record>
[[nodiscard]] std::optional<std::vector<Record>> records_of(tidemark::batch_input<Record> const& input)
{
    if (!input.data)
        return std::nullopt;
    std::vector<Record> all;
    for (auto const& partition : partitions_of(input))
        all.insert(all.end(), partition.begin(), partition.end());
    return all;
}

/// A directory of its own, removed at the end.
class directory {
public:
    directory()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "tidemark-sources-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    directory(directory const&) = delete;
    directory& operator=(directory const&) = delete;
    ~directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path(std::string const& name = {}) const
    {
        return name.empty() ? path_ : path_ + "/" + name;
    }

    /// A file last modified at `modified`, in milliseconds since the epoch.
    std::string write(std::string const& name, std::string_view text, std::int64_t modified) const
    {
        auto file = path(name);
        std::filesystem::create_directories(std::filesystem::path(file).parent_path());
        std::ofstream(file, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
        touch(name, modified);
        return file;
    }

    void touch(std::string const& name, std::int64_t modified) const
    {
        timespec const time{static_cast<time_t>(modified / 1000), static_cast<long>(modified % 1000 * 1'000'000)};
        timespec const times[] = {time, time};
        if (::utimensat(AT_FDCWD, path(name).c_str(), times, 0) != 0)
            throw std::runtime_error("cannot set the time of " + name);
    }

    void remove(std::string const& name) const { std::filesystem::remove_all(path(name)); }

private:
    std::string path_;
};

} // namespace reading
