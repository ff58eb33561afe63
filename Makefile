# The two commands are `make run` and `make test`; all set-up is theirs. `make test ARGS="-k xr"` passes arguments on.
PYTHON ?= python3
ARGS ?=

.PHONY: setup run test check bench gallery
setup run test check bench gallery:
	@$(PYTHON) -m vr_app.dev $@ $(ARGS)
