// SPDX-License-Identifier: Apache-2.0
// The C++ veneer: header-only, C++17, compiled into the plugin. Depends on nothing but the standard library.
#pragma once
#include <ktstr/cpp/baseline.hpp>
#include <ktstr/cpp/gate.hpp>
#include <ktstr/cpp/names.hpp>
#include <ktstr/cpp/reporter.hpp>
#include <ktstr/cpp/runner.hpp>
#include <ktstr/cpp/store.hpp>
#include <ktstr/cpp/variants.hpp>
