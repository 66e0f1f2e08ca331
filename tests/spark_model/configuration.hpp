// SPDX-License-Identifier: BSL-1.0
//
// configuration: which settings a restored Spark context has. Ours come from the program, always.

#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace spark_model {

using configuration = std::map<std::string, std::string, std::less<>>;

/// Dropped from what was saved, for they belong to the process that saved them.
inline constexpr std::array<std::string_view, 7> forgotten_settings{"spark.driver.host",
                                                                    "spark.driver.bindAddress",
                                                                    "spark.driver.port",
                                                                    "spark.ui.port",
                                                                    "spark.blockManager.port",
                                                                    "spark.kubernetes.driver.pod.name",
                                                                    "spark.kubernetes.executor.podNamePrefix"};

/// Taken from the environment of the new process where it has them; the forgotten ones are, too.
inline constexpr std::array<std::string_view, 9> reloaded_settings{
    "spark.master",         "spark.yarn.app.id",     "spark.yarn.app.attemptId", "spark.yarn.jars", "spark.yarn.keytab",
    "spark.yarn.principal", "spark.kerberos.keytab", "spark.kerberos.principal", "spark.ui.filters"};

/// And so are the parameters of the filters by which a web proxy is let in: these, with a name behind.
inline constexpr std::string_view reloaded_prefix = "spark.org.apache.hadoop.yarn.server.webproxy.amfilter.";
inline constexpr std::string_view reloaded_infix = ".param.";

/// Everything else is as it was saved, whatever the new process asks for.
[[nodiscard]] inline configuration restored(configuration saved, configuration const& environment)
{
    for (auto const name : forgotten_settings)
        if (auto const found = saved.find(name); found != saved.end())
            saved.erase(found);
    auto const reload = [&](std::string_view name) {
        if (auto const found = environment.find(name); found != environment.end())
            saved[found->first] = found->second;
    };
    for (auto const name : forgotten_settings)
        reload(name);
    for (auto const name : reloaded_settings)
        reload(name);
    for (auto const& [name, text] : environment)
        if (name.starts_with(reloaded_prefix) && name.find(reloaded_infix) != std::string::npos)
            saved[name] = text;
    return saved;
}

} // namespace spark_model
