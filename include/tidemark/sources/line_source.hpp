// SPDX-License-Identifier: BSL-1.0
//
// line_source: the lines of a file descriptor, the standard input above all.

#pragma once

#include <tidemark/sources/detail/called_source.hpp>
#include <tidemark/sources/detail/descriptor.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/stream/source.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// How a `line_source` receives.
struct line_source_options {
    std::size_t buffer_bytes = std::size_t{64}
                               << 20; ///< When so much waits for a batch, no more is read; also the longest line.
};

/// The running side of `basic_line_source`.
template <typename Line>
class basic_line_reader final : public receiving_reader<Line> {
public:
    basic_line_reader(int descriptor, line_source_options options, std::shared_ptr<receive_buffer<Line>> buffer,
                      std::size_t partitions)
        : receiving_reader<Line>(std::move(buffer), partitions)
        , descriptor_(descriptor)
        , options_(options)
    {}

    basic_line_reader(basic_line_reader const&) = delete;
    basic_line_reader& operator=(basic_line_reader const&) = delete;
    ~basic_line_reader() override { this->stop(); }

private:
    void receive(std::stop_token stop) override
    {
        try {
            detail::stop_event const stopping(stop);
            if (!detail::receive_lines(descriptor_, stopping, stop, options_.buffer_bytes, this->buffer()))
                return;
        } catch (std::exception const& failure) {
            this->buffer().note_error("file descriptor " + std::to_string(descriptor_) + ": " + failure.what()
                                      + "; taken as its end");
        }
        this->buffer().end();
    }

    int descriptor_;
    line_source_options options_;
};

/// The reader of lines as strings.
using line_reader = basic_line_reader<std::string>;

/// The lines of a file descriptor until its end; each batch takes those that have arrived.
///
/// The descriptor stays the program's: it is neither changed nor closed. A line ends at a newline or at the end of the
/// input; a carriage return before that is dropped, all other bytes pass unchanged. An error of reading is kept and
/// counts as the end. A program that ends with its input waits for that on its copy of the source:
///
///     auto const input = standard_input();
///     ...                                  // a stream from `input`, and an application that has been started
///     if (input.wait_until_ended()) ...    // then stop the application gracefully
///
/// *After recovery* what was read is lost, and a batch that runs again is empty: log it first, or accept at most once.
/// *Throws* `config_error` from `open` when there is no such descriptor.
/// *Threads*: copies share what they know of the end; one application reads at a time. All members may be called from
/// several threads.
template <typename Line>
class basic_line_source : public detail::called_source<basic_line_source<Line>> {
    using called_source = detail::called_source<basic_line_source>;

public:
    using record_type = Line;

    static constexpr std::string_view name = "lines";
    static constexpr bool replayable = false;

    explicit basic_line_source(int descriptor, line_source_options options = {})
        : called_source("line_source")
        , descriptor_(descriptor)
        , options_(options)
        , buffer_(std::make_shared<receive_buffer<Line>>(options.buffer_bytes))
    {}

    [[nodiscard]] std::string describe() const { return "lines(descriptor " + std::to_string(descriptor_) + ")"; }

    [[nodiscard]] std::unique_ptr<basic_line_reader<Line>> open(source_environment const& environment) const
    {
        if (descriptor_ < 0)
            throw this->wrong("the file descriptor is " + std::to_string(descriptor_)
                              + "; pass an open one, 0 for the standard input");
        if (options_.buffer_bytes == 0)
            throw this->wrong("buffer_bytes is 0; pass at least 1");
        return std::make_unique<basic_line_reader<Line>>(descriptor_, options_, buffer_, environment.partitions);
    }

    /// Whether the input has ended and every line of it has been given to a batch.
    [[nodiscard]] bool ended() const { return buffer_->exhausted(); }

    /// Waits for `ended()`: true; or until the application stops reading before: false.
    [[nodiscard]] bool wait_until_ended() const { return buffer_->wait_until_exhausted(); }

private:
    int descriptor_;
    line_source_options options_;
    std::shared_ptr<receive_buffer<Line>> buffer_;
};

/// The source of lines as strings.
using line_source = basic_line_source<std::string>;

/// The lines of the standard input.
[[nodiscard]] inline line_source standard_input(line_source_options options = {})
{
    return line_source(0, options).called("standard_input");
}

} // namespace tidemark
