// SPDX-License-Identifier: BSL-1.0
//
// testing: run a pipeline batch by batch, cut it, restart it.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/fault_verdict.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_file.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/child_process.hpp>
#include <tidemark/testing/crash_recovery.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/testing/lose_partition.hpp>
#include <tidemark/testing/run_batches.hpp>

/// What the tests of a program are made of: runs batch by batch, cuts, crashes.
namespace tidemark::testing {}
