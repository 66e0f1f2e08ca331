// SPDX-License-Identifier: BSL-1.0
//
// streams: the sources of the library as members of the streaming context.

#pragma once

#include <tidemark/sources/binary_records_source.hpp>
#include <tidemark/sources/queue_source.hpp>
#include <tidemark/sources/range_source.hpp>
#include <tidemark/sources/rate_source.hpp>
#include <tidemark/sources/record_queue_source.hpp>
#include <tidemark/sources/socket_text_source.hpp>
#include <tidemark/sources/text_file_source.hpp>
#include <tidemark/stream/streaming_context.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

template <typename Record>
struct queued<std::vector<std::vector<Record>>> : std::type_identity<Record> {};
template <typename Record>
struct queued<std::vector<std::optional<std::vector<Record>>>> : std::type_identity<Record> {};
template <typename Record>
struct queued<record_queue<Record>> : std::type_identity<Record> {};

} // namespace detail

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::text_file_stream(std::string directory) const
{
    return source_stream<Name>(text_file_source(std::move(directory)).called("text_file_stream"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::text_file_stream(std::string directory,
                                                                    file_source_options options) const
{
    return source_stream<Name>(text_file_source(std::move(directory), std::move(options)).called("text_file_stream"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::binary_records_stream(std::string directory,
                                                                         std::int64_t record_bytes) const
{
    return source_stream<Name>(
        binary_records_source(std::move(directory), record_bytes).called("binary_records_stream"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::binary_records_stream(std::string directory,
                                                                         std::int64_t record_bytes,
                                                                         file_source_options options) const
{
    return source_stream<Name>(
        binary_records_source(std::move(directory), record_bytes, std::move(options)).called("binary_records_stream"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::socket_text_stream(std::string host, int port) const
{
    return source_stream<Name>(socket_text_source(std::move(host), port).called("socket_text_stream"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::socket_text_stream(std::string host, int port,
                                                                      socket_text_options options) const
{
    return source_stream<Name>(socket_text_source(std::move(host), port, options).called("socket_text_stream"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name, typename Queue>
auto basic_streaming_context<Batch, Checkpointed>::queue_stream(Queue queue) const
{
    return queue_stream<Name>(std::move(queue), {});
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name, typename Queue>
auto basic_streaming_context<Batch, Checkpointed>::queue_stream(
    Queue queue, queue_options<typename detail::queued<Queue>::type> options) const
{
    using record_type = typename detail::queued<Queue>::type;
    if constexpr (std::same_as<Queue, record_queue<record_type>>) {
        using source = record_queue_source<record_type>;
        static_assert(!Checkpointed || source::replayable,
                      "tidemark::queue_stream: the records of a record_queue must be serializable, because the context "
                      "has a checkpoint directory; give them a serialize member, or use a context without one");
        return source_stream<Name>(source(std::move(queue), std::move(options)));
    } else
        return source_stream<Name>(queue_source<record_type>(std::move(queue), std::move(options)));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name, typename Range>
auto basic_streaming_context<Batch, Checkpointed>::from_range(Range range, std::size_t records_per_batch) const
{
    return source_stream<Name>(range_source<Range>(std::move(range), records_per_batch).called("from_range"));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::rate_stream(std::int64_t records_per_second) const
{
    return source_stream<Name>(rate_source(records_per_second).called("rate_stream"));
}

} // namespace tidemark
