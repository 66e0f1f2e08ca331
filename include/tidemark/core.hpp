// SPDX-License-Identifier: BSL-1.0
//
// core: the room of errors, settings, events and what is asked of types.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/core/bitwise.hpp>
#include <tidemark/core/chrono.hpp>
#include <tidemark/core/chunkable.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/core/struct_members.hpp>
#include <tidemark/core/text_bytes.hpp>
#include <tidemark/core/type_list.hpp>
