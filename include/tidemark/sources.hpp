// SPDX-License-Identifier: BSL-1.0
//
// sources: the room of what brings records into streams. Those who write a receiver of their own may include
// received_block_tracker.hpp beside it.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/sources/at_most_once.hpp>
#include <tidemark/sources/binary_records_source.hpp>
#include <tidemark/sources/file_selector.hpp>
#include <tidemark/sources/file_source.hpp>
#include <tidemark/sources/line_source.hpp>
#include <tidemark/sources/queue_source.hpp>
#include <tidemark/sources/range_source.hpp>
#include <tidemark/sources/rate_source.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/sources/record_queue_source.hpp>
#include <tidemark/sources/socket_text_source.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/sources/text_file_source.hpp>
#include <tidemark/sources/write_ahead_log.hpp>
