"""The inference app: model servers and what they offer."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    """Providers, their models, and the clients that speak to them."""

    name = "apps.inference"
    label = "inference"
    verbose_name = "Inference"

    def ready(self) -> None:
        """Declare the options, and listen to what happens to providers."""
        from apps.accounts.facade import register_model_names  # noqa: PLC0415 - as the others
        from apps.inference import options  # noqa: F401, PLC0415 - needs the app registry
        from apps.inference.facade import is_virtual, models_for  # noqa: PLC0415
        from apps.inference.managing.events import ModelProgress, ModelsChanged  # noqa: PLC0415
        from apps.inference.memory import shown  # noqa: PLC0415
        from apps.inference.pool import changes, measuring  # noqa: PLC0415
        from olympus.kernel.live import register_event  # noqa: PLC0415

        register_event(ModelProgress)
        register_event(ModelsChanged)
        changes.listen()
        measuring.register()
        shown.register()
        register_model_names(lambda organization: [c.model for c in models_for(organization) if not is_virtual(c)])
