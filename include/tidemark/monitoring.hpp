// SPDX-License-Identifier: BSL-1.0
//
// monitoring: the room of those who listen to an application.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/monitoring/batch_report.hpp>
#include <tidemark/monitoring/delay_report.hpp>
#include <tidemark/monitoring/listener.hpp>
