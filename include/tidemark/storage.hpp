// SPDX-License-Identifier: BSL-1.0
//
// storage: the room of everything that opens files: directories on disk, and checksums. Storages for tests are in
// <tidemark/testing.hpp>.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/storage/block_compression.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/file_splits.hpp>
#include <tidemark/storage/input_directory.hpp>
#include <tidemark/storage/input_file.hpp>
#include <tidemark/storage/line_cutter.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/local_file.hpp>
#include <tidemark/storage/part_names.hpp>
#include <tidemark/storage/publish_directory.hpp>
#include <tidemark/storage/scratch_directory.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_file.hpp>
#include <tidemark/storage/storage_lock.hpp>
