// SPDX-License-Identifier: BSL-1.0
//
// checkpoint: the room of what survives the process: archives, log, recovery, policies.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/checkpoint/object_file.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/part_file.hpp>
#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/retention.hpp>
#include <tidemark/checkpoint/row_archive.hpp>
#include <tidemark/checkpoint/saved_rows.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
