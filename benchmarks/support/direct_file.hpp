// SPDX-License-Identifier: BSL-1.0
//
// direct_file: what writing bytes past the page cache costs at least.

#pragma once

#include "measuring.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace benchmark {

/// A file into which the same bytes are written and synced by hand: from memory that is ready for the device, over what is
/// there already, and from its beginning again at its end.
class direct_file {
public:
    /// `length`: where its end is.
    direct_file(std::string const& path, std::size_t bytes, std::uint64_t length)
        : length_(length)
        , size_((bytes + page - 1) / page * page)
        , content_(static_cast<std::byte*>(std::aligned_alloc(large_page, rounded(size_))))
        , file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR))
    {
        (void)::madvise(content_.get(), rounded(size_), MADV_HUGEPAGE);
        std::memset(content_.get(), 1, size_);
        for (at_ = 0; at_ < length_ + size_;)
            (void)write();
        (void)::fcntl(file_, F_SETFL, O_WRONLY | O_DIRECT);
        begin_again();
    }
    direct_file(direct_file const&) = delete;
    direct_file& operator=(direct_file const&) = delete;
    ~direct_file() { ::close(file_); }

    /// Gives how many milliseconds it took.
    double write()
    {
        return 1e3 * seconds([&] {
                   for (std::size_t done = 0; done < size_;) {
                       auto const piece = std::min(size_ - done, std::size_t{4} << 20U);
                       if (::write(file_, content_.get() + done, piece) != static_cast<::ssize_t>(piece))
                           throw std::runtime_error("a write by hand failed");
                       done += piece;
                   }
                   if (::fdatasync(file_) != 0)
                       throw std::runtime_error("a sync by hand failed");
                   at_ += size_;
               });
    }

    void begin_again_at_end()
    {
        if (at_ >= length_)
            begin_again();
    }

private:
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t large_page = std::size_t{2} << 20U;

    struct freeing {
        void operator()(std::byte* bytes) const { std::free(bytes); }
    };

    static std::size_t rounded(std::size_t size) { return (size + large_page - 1) / large_page * large_page; }

    void begin_again() { at_ = static_cast<std::uint64_t>(::lseek(file_, 0, SEEK_SET)); }

    std::uint64_t length_;
    std::size_t size_;
    std::unique_ptr<std::byte, freeing> content_;
    int file_;
    std::uint64_t at_ = 0;
};

} // namespace benchmark
