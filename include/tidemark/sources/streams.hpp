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

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace tidemark {

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
template <fixed_string Name, typename Queue, typename... Options>
auto basic_streaming_context<Batch, Checkpointed>::queue_stream(Queue queue, Options... options) const
{
    if constexpr (requires { record_queue_source(queue, options...); }) {
        using source = decltype(record_queue_source(queue, options...));
        static_assert(!Checkpointed || source::replayable,
                      "tidemark::queue_stream: the records of a record_queue must be serializable, because the context "
                      "has a checkpoint directory; give them a serialize member, or use a context without one");
        return source_stream<Name>(source(std::move(queue), std::move(options)...));
    } else
        return source_stream<Name>(queue_source(std::move(queue), std::move(options)...));
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
