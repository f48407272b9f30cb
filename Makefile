# SPDX-License-Identifier: Apache-2.0
# `make` alone says what there is.

SWIFT ?= swift
# An import of a module that a target does not declare is an error, not luck.
FLAGS ?= --explicit-target-dependency-import-check error
SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources/Micro

.DEFAULT_GOAL := help
.PHONY: help setup build release demo test bench allocations format lint clean

help:  ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup:  ## Install what the build needs, from Debian's packages; nothing if it is there.
	@scripts/setup.sh

build: setup  ## Build everything, for debugging.
	$(SWIFT) build $(FLAGS)

release: setup  ## Build the program, optimised.
	$(SWIFT) build -c release --product falsework

demo: setup  ## Build, run the first upgrade in both worlds, print the tables.
	@SWIFT="$(SWIFT)" scripts/demo.sh

test: setup  ## Build and run every test; the last line is the total.
	@SWIFT="$(SWIFT)" FLAGS="$(FLAGS)" scripts/test.sh

bench: release  ## Measure against nginx, HAProxy and wrk, where they are installed.
	@Benchmarks/run.sh

allocations: setup  ## Count allocations an operation, under valgrind.
	@SWIFT="$(SWIFT)" Benchmarks/allocations.sh

format:  ## Lay out the code.
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

lint:  ## Say where the layout of the code differs.
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

clean:  ## Remove what was built.
	rm -rf .build Benchmarks/.build Benchmarks/results
