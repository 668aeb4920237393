"""Recording a step for several recommendations at once."""
