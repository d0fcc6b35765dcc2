# The commands of the platform. Each says what it does: make help.
# Settings: STACK=dev|prod  DESTROY=1  YES=1  AGENT=name  COMPONENT=name  FOLLOW=1  JSON=1
#           STACKS="dev prod"  BASE=branch|nothing  FAIL_ON=replace,delete,policy,cost:100

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= python3
STACK ?= dev
STACKS ?= dev prod
# Read from the environment: what a CI's settings say is no part of a shell's line.
export STACKS BASE FAIL_ON
# What is about production takes another stack only if it is asked to.
DEPLOYED = $(if $(filter command line environment,$(origin STACK)),$(STACK),prod)
PLATFORM := .venv/bin/python -m toolchain
REVIEW := .venv/bin/python -m review
SCANS := .venv/bin/python -m toolchain.scans
LOCKS := requirements-uv.lock toolchain/bootstrap.py

.PHONY: up preview rehearse down status logs clean env check test e2e bench lock help \
	preview-report preview-comment fork-comment policies drift-report drift-issue images scan audit secrets lint-workflows

up: .venv/.stamp ## From nothing to an answering agent; run again, it goes on or changes what changed
	@$(PLATFORM) up --stack $(STACK)

preview: .venv/.stamp ## What `make up` would change in the stack, checked by the policies
	@$(PLATFORM) preview --stack $(STACK)

preview-report: .venv/.stamp ## What this change does to STACKS, as a comment, a page and JSON in reports/preview/
	@$(PLATFORM) preview-report

rehearse: .venv/.stamp ## Production deployed, changed and removed on a simulated AWS, without an account
	@$(PLATFORM) rehearse --stack $(DEPLOYED)

down: .venv/.stamp ## Stop everything, keep the data for a warm start; DESTROY=1 removes the stack first
	@$(PLATFORM) down --stack $(STACK) $(if $(DESTROY),--destroy)

status: .venv/.stamp ## What runs, how big it is and whether all is well; JSON=1 for programs
	@$(PLATFORM) status --stack $(STACK) $(if $(JSON),--json)

logs: .venv/.stamp ## Logs of agents; AGENT=name or COMPONENT=name for one, FOLLOW=1 to stay
	@$(PLATFORM) logs --stack $(STACK) $(if $(AGENT),--agent $(AGENT)) $(if $(COMPONENT),--component $(COMPONENT)) $(if $(FOLLOW),--follow)

clean: .venv/.stamp ## Remove cluster, state and everything built; asks first unless YES=1
	@$(PLATFORM) clean --stack $(STACK) $(if $(YES),--yes)

env: .venv/.stamp ## Lines for a shell, so that pulumi and kubectl work by themselves: eval "$$(make env)"
	@$(PLATFORM) env --stack $(STACK)

policies: .venv/.stamp ## The policies on all that STACKS consist of; fails where one is broken
	@$(PLATFORM) policies

preview-comment: .venv/.stamp ## Post reports/preview/report.md as the one comment of the pull request
	@$(REVIEW) post comment reports/preview/report.md

fork-comment: .venv/.stamp ## The same for a fork's pull request; HANDOVER is what its run left
	@.venv/bin/python -m review.handover "$(HANDOVER)"

drift-report: .venv/.stamp ## What is deployed of STACK against what the program says, in reports/drift/
	@$(PLATFORM) drift-report --stack $(DEPLOYED)

drift-issue: .venv/.stamp ## Tell that drift in one issue of the repository, or close it
	@$(REVIEW) drift reports/drift

images: .venv/.stamp ## Build the images that a stack runs
	@$(PLATFORM) images

scan: .venv/.stamp ## Known vulnerabilities in the built images, as SARIF in reports/scans/
	@$(SCANS) images

audit: .venv/.stamp ## Known vulnerabilities in the Python locks and in our Go code
	@$(SCANS) audit

secrets: .venv/.stamp ## Secrets in the files and in all of history
	@$(SCANS) secrets

lint-workflows: .venv/.stamp ## Workflows and the example for GitLab against schemas, actionlint and zizmor
	@$(SCANS) workflows

check: .venv/.stamp app/.venv/.stamp ## Format, lint, types and the fast tests
	@$(PLATFORM) check

test: .venv/.stamp app/.venv/.stamp ## Everything that proves the code without a cluster
	@$(PLATFORM) test

e2e: .venv/.stamp ## `make up`, then the tests against the running platform
	@$(PLATFORM) e2e --stack $(STACK)

bench: .venv/.stamp ## Measure, against baselines in the same run; reports go to reports/
	@$(PLATFORM) bench --stack $(STACK)

lock: .venv/.stamp ## Resolve the dependencies into the lock files; UPGRADE=1 takes newer versions
	@.venv/bin/python -m toolchain.locks $(if $(UPGRADE),--upgrade)

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {gsub(/\$$\$$/, "$$", $$2); printf "  make %-16s %s\n", $$1, $$2}' Makefile

# Made from their locks; the stamp is written last, so an interrupted environment is made again.
.venv/.stamp: requirements.lock $(LOCKS)
	@$(PYTHON) -m toolchain.bootstrap .venv requirements.lock

app/.venv/.stamp: app/requirements-dev.lock $(LOCKS)
	@$(PYTHON) -m toolchain.bootstrap app/.venv app/requirements-dev.lock
