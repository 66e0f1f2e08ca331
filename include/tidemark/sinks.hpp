// SPDX-License-Identifier: BSL-1.0
//
// sinks: the room of output operations that come with the library.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/sinks/print.hpp>
#include <tidemark/sinks/save_as_object_files.hpp>
#include <tidemark/sinks/save_as_text_files.hpp>
#include <tidemark/sinks/save_in_transactions.hpp>
#include <tidemark/sinks/saved_directory.hpp>
#include <tidemark/sinks/text.hpp>
