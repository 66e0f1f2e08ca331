// SPDX-License-Identifier: BSL-1.0
//
// chrono: the durations and clocks of <chrono>, which has calendars and time zones, too, and all of <sstream> for them.

#pragma once

#include <mutex> // has them, for locks that wait
