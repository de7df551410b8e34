/* SPDX-License-Identifier: Apache-2.0 */
/* The whole C ABI. C++ authors include <ktstr/sdk.hpp> instead. */
#ifndef KTSTR_SDK_H
#define KTSTR_SDK_H

#include <ktstr/abi/baseline.h>
#include <ktstr/abi/gate.h>
#include <ktstr/abi/plugin.h>
#include <ktstr/abi/reporter.h>
#include <ktstr/abi/runner.h>
#include <ktstr/abi/store.h>

#endif
