// The one place that includes <napi.h>, so that every file sees it with the same settings.
#pragma once

// Errors of Node-API are values here, not exceptions: a call that fails leaves a JavaScript exception pending.
#define NAPI_DISABLE_CPP_EXCEPTIONS
#define NODE_ADDON_API_DISABLE_DEPRECATED
// Finalizers run in the middle of a garbage collection: the compiler refuses those that could run JavaScript.
#define NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS
// While a worker is being terminated every call fails and nothing can be thrown: that must not abort the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS

#include <napi.h>
