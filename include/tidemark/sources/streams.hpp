// SPDX-License-Identifier: BSL-1.0
//
// streams: the sources of the library as members of the streaming context.

#pragma once

#include <tidemark/sources/queue_source.hpp>
#include <tidemark/sources/range_source.hpp>
#include <tidemark/sources/record_queue_source.hpp>
#include <tidemark/sources/socket_text_source.hpp>
#include <tidemark/sources/text_file_source.hpp>
#include <tidemark/stream/streaming_context.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace tidemark {

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::text_file_stream(std::string directory) const
{
    return source_stream<Name>(text_file_source(std::move(directory)));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::text_file_stream(std::string directory,
                                                                    text_file_options options) const
{
    return source_stream<Name>(text_file_source(std::move(directory), std::move(options)));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::socket_text_stream(std::string host, int port) const
{
    return source_stream<Name>(socket_text_source(std::move(host), port));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name>
auto basic_streaming_context<Batch, Checkpointed>::socket_text_stream(std::string host, int port,
                                                                      socket_text_options options) const
{
    return source_stream<Name>(socket_text_source(std::move(host), port, std::move(options)));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name, typename Queue, typename... Options>
auto basic_streaming_context<Batch, Checkpointed>::queue_stream(Queue queue, Options... options) const
{
    if constexpr (requires { record_queue_source(queue, options...); })
        return source_stream<Name>(record_queue_source(std::move(queue), std::move(options)...));
    else
        return source_stream<Name>(queue_source(std::move(queue), std::move(options)...));
}

template <slide Batch, bool Checkpointed>
template <fixed_string Name, typename Range>
auto basic_streaming_context<Batch, Checkpointed>::from_range(Range range, std::size_t records_per_batch) const
{
    return source_stream<Name>(range_source<Range>(std::move(range), records_per_batch));
}

} // namespace tidemark
