"""What the flows of the hostile world are called. Knows nothing of the hub."""

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"
DESK, DESK_PERMIT = "push.desk.project", "push.desk.permit"
HALL, HALL_PERMIT = "push.hall.project", "push.hall.permit"
PULLS = (PLAN, BUILD, PERMIT)
SERVICE = "pull.build.service"
"""Only where there are clocks."""
PUSHES = (DESK, DESK_PERMIT, HALL, HALL_PERMIT)
WITH_RECEIPTS = (HALL, HALL_PERMIT)
CABINETS = {DESK: "dm", DESK_PERMIT: "bh", HALL: "dm", HALL_PERMIT: "bh"}
"""Target flow -> the field that is the target's own number of a record."""
