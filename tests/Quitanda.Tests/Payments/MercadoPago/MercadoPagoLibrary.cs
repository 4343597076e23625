namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>Mercado Pago's own library.</summary>
public sealed class MercadoPagoLibrary() : ProviderLibrary("mercadopago", "library.js");
