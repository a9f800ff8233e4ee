/*
 * Write operators for Sluicebox in C++: what sluicebox.h has, with types of the language.
 */
#ifndef SLUICEBOX_HPP
#define SLUICEBOX_HPP

#include <string_view>

#include "sluicebox.h"

namespace sluicebox {

/* A text of the SDK's as the standard library's, and back. */
inline std::string_view view(sb_text text) { return {text.data, text.size}; }
inline sb_text text(std::string_view view) { return {view.data(), view.size()}; }

} // namespace sluicebox

#endif
