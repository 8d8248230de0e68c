"""Python's garbage collector, kept from stopping what streams."""

import gc


def leave_out_what_is_loaded() -> None:
    """This will have the collector look only at what comes from now on; call it when a server has started.

    A full collection looks through every module, class and template: some 150,000 objects, in which nothing is
    ever found, and for which every stream stands still for 60 ms.
    """
    gc.collect()
    gc.freeze()
