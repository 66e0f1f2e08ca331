// SPDX-License-Identifier: BSL-1.0
//
// word_count: the words of a text file counted by an rdd, against a loop over views into the same file and one
// boost::unordered_flat_map. Targets: at most 1.15 of its time with one thread; two threads at least 1.7 times as fast
// as one.
//
// Usage: word_count [megabytes = 500 [rounds = 7]]. The text is drawn from 50,000 words, the frequent ones often.

#include "support/measuring.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

/// Lines of ten words; the k-th word comes about 1 / k as often as the first.
void write_text(std::filesystem::path const& file, std::uint64_t bytes)
{
    std::mt19937_64 random(1);
    std::uniform_real_distribution<> share;
    std::ofstream out(file, std::ios::binary);
    std::string line;
    for (std::uint64_t written = 0; written < bytes; written += line.size()) {
        line.clear();
        for (int word = 0; word < 10; ++word) {
            auto const rank = static_cast<std::uint64_t>(std::pow(50'000.0, share(random)));
            line += "w" + std::to_string(rank * 2654435761U % 1'000'003);
            line += word == 9 ? '\n' : ' ';
        }
        out << line;
    }
}

/// The words of a text, one after the other, as views into it.
class words_in {
public:
    explicit words_in(std::string_view text)
        : text_(text)
    {}

    class iterator {
    public:
        explicit iterator(std::string_view text)
            : rest_(text)
        {
            ++*this;
        }
        [[nodiscard]] std::string_view operator*() const { return word_; }
        iterator& operator++()
        {
            auto const begin = std::min(rest_.find_first_not_of(" \n"), rest_.size());
            auto const end = std::min(rest_.find_first_of(" \n", begin), rest_.size());
            word_ = rest_.substr(begin, end - begin);
            rest_.remove_prefix(end);
            return *this;
        }
        friend bool operator==(iterator const& at, std::default_sentinel_t) { return at.word_.empty(); }

    private:
        std::string_view rest_;
        std::string_view word_;
    };

    [[nodiscard]] iterator begin() const { return iterator(text_); }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

private:
    std::string_view text_;
};

/// The hand-written side: the file mapped into memory.
class mapped_text {
public:
    explicit mapped_text(std::filesystem::path const& file)
        : size_(std::filesystem::file_size(file))
    {
        int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        text_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
        ::close(descriptor);
    }
    mapped_text(mapped_text const&) = delete;
    mapped_text& operator=(mapped_text const&) = delete;
    ~mapped_text() { ::munmap(text_, size_); }

    [[nodiscard]] std::string_view view() const { return {static_cast<char const*>(text_), size_}; }

private:
    std::size_t size_;
    void* text_;
};

std::int64_t count_by_hand(std::filesystem::path const& file)
{
    mapped_text const text(file);
    boost::unordered_flat_map<std::string_view, std::int64_t> words;
    for (auto const word : words_in(text.view()))
        ++words[word];
    std::int64_t check = 0;
    for (auto const& [word, amount] : words)
        check += amount * static_cast<std::int64_t>(word.size());
    return check;
}

std::int64_t count_by_rdd(std::filesystem::path const& file, std::size_t threads)
{
    tidemark::rdd_context const context(threads);
    auto const words = context.text_file(file.string(), 16)
                       | tidemark::flat_map([](std::string const& line) { return words_in(line); })
                       | tidemark::map([](std::string_view word) { return std::pair(word, std::int64_t{1}); })
                       | tidemark::reduce_by_key(std::plus<>{});
    std::int64_t check = 0;
    for (auto const& [word, amount] : words | tidemark::collect())
        check += amount * static_cast<std::int64_t>(word.size());
    return check;
}

} // namespace

int main(int argc, char** argv)
{
    auto const megabytes = benchmark::argument(argc, argv, 1, 500);
    auto const rounds = benchmark::argument(argc, argv, 2, 7);
    auto const file = std::filesystem::temp_directory_path() / ("tidemark-words-" + std::to_string(::getpid()));
    write_text(file, megabytes << 20U);
    auto const bytes = static_cast<double>(std::filesystem::file_size(file));
    auto const size = std::to_string(megabytes) + " MB, about 50,000 words; ns are for a byte";

    std::int64_t ours = 0;
    std::int64_t theirs = 0;
    benchmark::compare(
        {"word count, 1 thread", "hand loop", 1.15, size}, bytes, rounds, [&] { ours = count_by_rdd(file, 1); },
        [&] { theirs = count_by_hand(file); });
    bool same = ours == theirs;
    benchmark::compare(
        {"word count, 2 threads", "1 thread", 1 / 1.7, size, "word count", 2, "threads"}, bytes, rounds,
        [&] { ours = count_by_rdd(file, 2); }, [&] { theirs = count_by_rdd(file, 1); });
    same = same && ours == theirs;
    std::filesystem::remove(file);
    if (!same)
        std::printf("the results differ\n");
    return same ? 0 : 1;
}
