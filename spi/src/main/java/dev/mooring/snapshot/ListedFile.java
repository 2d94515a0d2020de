// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

/** A file as the manifest lists it. */
record ListedFile(String name, long bytes) {}
