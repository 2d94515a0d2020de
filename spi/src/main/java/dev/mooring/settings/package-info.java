// SPDX-License-Identifier: Apache-2.0
/**
 * What was configured, and where it was written: properties file, environment, system properties and program, laid over
 * each other, with messages that name the place. Knows the keys of the core and nothing of what they do.
 */
@NullMarked
package dev.mooring.settings;

import org.jspecify.annotations.NullMarked;
